import type { Evidence } from './evidence.js';

export type Decision = 'promote' | 'hold' | 'rollback';

/** Why; public API, listed in docs/verdicts.md. */
export type ReasonCode =
  | 'warmup'
  | 'harm-evidence'
  | 'all-safe'
  | 'phase-safe'
  | 'baking'
  | 'min-duration'
  | 'min-samples'
  | 'insufficient-evidence'
  | 'no-data'
  | 'source-unavailable'
  | 'harm-suspected'
  | 'sample-ratio-mismatch'
  | 'traffic-mix'
  | 'observational'
  | 'before-horizon'
  | 'kayenta-pass'
  | 'kayenta-marginal'
  | 'kayenta-fail'
  | 'deadline'
  | 'end-of-data'
  | 'cancelled'
  | 'overridden';

/** A test of whether the two cohorts can be compared at all. An alarm turns promote into hold, and never rolls back. */
export interface GuardFinding {
  readonly guard: 'sample-ratio' | 'traffic-mix';
  /** ln of the e-value against "the cohorts are comparable" */
  readonly logE: number;
  readonly alarm: boolean;
  /** too weak to alarm, too strong to promote over; absent: no */
  readonly suspected?: boolean;
  /** one sentence with the numbers */
  readonly detail: string;
}

/** What Assay says on the data so far. */
export interface Verdict {
  readonly decision: Decision;
  /** a final verdict ends the run and never changes */
  readonly final: boolean;
  readonly code: ReasonCode;
  /** one sentence with the metric and the numbers */
  readonly reason: string;
  /** 0–100, derived from the evidence; for people and for tools that want a number */
  readonly score: number;
  readonly evidence: readonly Evidence[];
  /** absent: no guard applies */
  readonly guards?: readonly GuardFinding[];
  /** from the start of the run to the end of the newest window */
  readonly elapsedSeconds: number;
  /** about how long until a decision at the present traffic; null where that cannot be said */
  readonly etaSeconds: number | null;
  /** seconds after the start at which the run began to bake; the next look goes on from here. Absent: it does not bake */
  readonly bakingSince?: number;
}
