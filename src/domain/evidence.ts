import type { KayentaClassification } from '../statistics/index.js';
import type { ClassicTest } from './judge-rule.js';
import type { HarmDirection, NoDataPolicy, Role } from './template.js';
import type { Exemplar } from './window.js';

/** safe: harm beyond the margin is excluded; harmful: harm beyond the margin is proven; undecided: neither yet. */
export type Assessment = 'safe' | 'harmful' | 'undecided';

/** Observations of one cohort over the whole run, and the value people know the metric by. */
export interface CohortSummary {
  /** of a rate per other things, those things; of a rate per second, its events */
  readonly count: number;
  /** proportion, percentile, rate or mean in the metric's unit; null until there is one */
  readonly value: number | null;
}

/** What is missing on a metric, and what its template says to do about it. */
export interface MissingData {
  readonly cause: 'absent' | 'stale' | 'nan' | 'zero' | 'unavailable';
  readonly policy: NoDataPolicy;
  readonly detail: string;
}

/** What is known of pods, and was used: enough to replay the margin of the newest window. */
export interface PodsOfEvidence {
  /** pods that served in the run so far */
  readonly baseline: number;
  readonly canary: number;
  /** standard deviation of the logarithm of the pods' levels beyond chance, of a gauge as a share of the baseline's level; 0: none was found */
  readonly tau: number;
  /** ≥ 1: how many times the ratio of the margin was taken for harm, because pods differ; of a gauge, how many times the tolerated level */
  readonly factor: number;
}

/** What a judge found that decides once. Its numbers hold for one look, fixed in advance: they are not valid under peeking. */
export type JudgedOnce = KayentaFinding | TestFinding;

export interface KayentaFinding {
  readonly judge: 'kayenta';
  /** null: not judged at this look */
  readonly classification: KayentaClassification | null;
  /** it alone makes the score 0 */
  readonly critical: boolean;
  /** mean of the canary's windows over that of the baseline's; null where either is 0, or nothing was compared */
  readonly meanRatio: number | null;
}

export interface TestFinding {
  readonly judge: 'fixed-horizon';
  readonly test: ClassicTest;
  /** chance of so much harm, were the harm within the margin; null: not tested at this look, or nothing to go by */
  readonly pHarm: number | null;
  /** the same after the correction for all metrics that decide */
  readonly pHarmAdjusted: number | null;
  /** chance of so little harm, were the harm beyond the margin */
  readonly pSafe: number | null;
  /** where the random numbers of a bootstrap began; null: there are none */
  readonly seed: number | null;
}

/**
 * What a look says on one metric. A metric at several percentiles gives one piece of evidence for each.
 * E-values are kept as natural logarithms: evidence multiplies over windows and would overflow.
 */
export interface Evidence {
  /** `error-rate`, `latency p95` */
  readonly name: string;
  /** name of the template's metric this belongs to */
  readonly metric: string;
  readonly role: Role;
  readonly weight: number;
  readonly direction: HarmDirection;
  readonly unit: string;
  readonly assessment: Assessment;
  /** ln of the e-value against "harm is within the margin" */
  readonly logHarm: number;
  /** ln of the e-value against "harm is beyond the margin" */
  readonly logSafe: number;
  /** canary minus baseline (or ratio, see `effectKind`), turned so that positive is worse; valid at every look */
  readonly effect: { readonly low: number; readonly high: number; readonly estimate: number | null };
  readonly effectKind: 'difference' | 'ratio' | 'level';
  /** largest harm accepted at the present baseline, on the scale of `effect` */
  readonly margin: number;
  readonly baseline: CohortSummary;
  readonly canary: CohortSummary;
  /** both cohorts have at least the template's `minSamples` */
  readonly enoughSamples: boolean;
  /** dispersion used for the newest window */
  readonly phi: number;
  /** pods of the run so far, and what their unlikeness did to the newest window; absent where no pod is known */
  readonly pods?: PodsOfEvidence;
  /** windows that carried evidence */
  readonly windows: number;
  /** about how many more canary observations until a verdict, where that can be said */
  readonly neededObservations: number | null;
  readonly missing: MissingData | null;
  /** absent where evidence decides that holds at every look; where present the e-values are 1 and mean nothing */
  readonly once?: JudgedOnce;
  /** traces of the canary that show a proven harm, the most telling first; absent but for a rollback on traces */
  readonly exemplars?: readonly Exemplar[];
  readonly warnings: readonly string[];
}
