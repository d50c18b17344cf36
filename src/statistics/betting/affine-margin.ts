/** Tolerated canary value: `ratio` · baseline + `offset`; offset in the unit of the value. */
export interface AffineMargin {
  readonly ratio: number;
  readonly offset: number;
}

/** harm: evidence against "canary ≤ margin"; safe: evidence against "canary ≥ margin". */
export type Side = 'harm' | 'safe';
