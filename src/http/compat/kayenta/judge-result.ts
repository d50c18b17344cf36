/** Lower case, as Orca writes the states of an execution. */
export type CanaryStatus = 'running' | 'succeeded' | 'terminal' | 'canceled';

export type ScoreClass = 'Pass' | 'Marginal' | 'Fail' | 'Nodata';

/** What Orca and Deck read of one side; `count` may never be left out. */
export interface SideStats {
  readonly count: number;
  readonly mean?: number;
  readonly min?: number;
  readonly max?: number;
  readonly median?: number;
  readonly std?: number;
}

/** By which a result and its points are found together; metrics are in the order of the config. */
export const resultId = (index: number): string => `m${index + 1}`;

export interface CanaryResult {
  readonly id: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly classification: 'Pass' | 'High' | 'Low' | 'Nodata' | 'NodataFailMetric' | 'Error';
  readonly classificationReason: string;
  readonly critical: boolean;
  readonly muted: boolean;
  readonly controlMetadata: { readonly stats: SideStats };
  readonly experimentMetadata: { readonly stats: SideStats };
  readonly resultMetadata: Readonly<Record<string, unknown>>;
}

/** Kayenta's `CanaryJudgeResult`: no field is ever left out, since Orca takes a missing text for a broken answer. */
export interface JudgeResult {
  readonly judgeName: string;
  readonly score: { readonly score: number; readonly classification: ScoreClass; readonly classificationReason: string };
  readonly groupScores: readonly {
    readonly name: string;
    readonly score: number;
    readonly classification: string;
    readonly classificationReason: string;
  }[];
  readonly results: readonly CanaryResult[];
}
