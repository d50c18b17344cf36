/** Counts of both cohorts in one closed window. A cohort without observations makes the window worth nothing, not wrong. */
export interface TwoArmWindow {
  readonly canaryTotal: number;
  /** ≤ canaryTotal */
  readonly canaryEvents: number;
  readonly baselineTotal: number;
  /** ≤ baselineTotal */
  readonly baselineEvents: number;
  /** dispersion, ≥ 1: how many observations go bad together */
  readonly phi: number;
  /** baseline proportion in [0, 1) guessed before the window; sets the power, never the validity */
  readonly base: number;
}

/** Counts of one cohort in one closed window. */
export interface OneArmWindow {
  readonly total: number;
  /** ≤ total */
  readonly events: number;
  /** dispersion, ≥ 1 */
  readonly phi: number;
}

/** Event counts of both cohorts in one closed window, each with its exposure (seconds, requests, …). */
export interface ExposureWindow {
  readonly canaryExposure: number;
  readonly canaryEvents: number;
  readonly baselineExposure: number;
  readonly baselineEvents: number;
  /** dispersion, ≥ 1 */
  readonly phi: number;
}
