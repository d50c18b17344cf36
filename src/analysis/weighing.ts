import type { Evidence, Gap, HarmDirection, Margin, MeasuredWindow, Measurement, Metric, Sample, Template } from '../domain/index.js';
import type { AffineMargin, Start } from '../statistics/index.js';

/** Everything a look knows when it weighs one metric of a run. */
export interface Weighing {
  readonly template: Template;
  readonly metric: Metric;
  /** windows after the warm-up, oldest first; empty ones included, so that positions are those of the schedule */
  readonly windows: readonly MeasuredWindow[];
  /** the metric in each of these windows */
  readonly readings: readonly Measurement[];
  /** the metric in windows from before the run, oldest first: what noise the baseline has; may be empty */
  readonly history: readonly Measurement[];
  /** index of the phase in force */
  readonly phase: number;
  /** where evidence is also gathered afresh, so that a late regression is found; fixed before any data */
  readonly starts: readonly Start[];
  /** intervals cost most of a look and are left out where nobody will read them */
  readonly withIntervals: boolean;
}

/** One one-sided question about a metric, in the words of {@link Evidence}. */
export type Finding = Pick<
  Evidence,
  'name' | 'logHarm' | 'logSafe' | 'effect' | 'effectKind' | 'margin' | 'baseline' | 'canary' | 'phi' | 'windows' | 'direction'
> & {
  /** share of the metric's weight that this question carries */
  readonly share: number;
  readonly warnings: readonly string[];
};

/** ln of the e-value beyond which one window alone may not carry the harm side: no single window decides. */
export const harmCap = ({ budget }: Template): number => 0.5 * Math.log(1 / budget.falseRollback);

/** The margin that promote must meet in this phase; harm is always judged by the final one. */
export const safeMarginOf = ({ template, metric, phase }: Weighing): Margin | null =>
  template.phases[phase]?.margins[metric.name] ?? metric.margin;

/** The tolerated region as the tests state it: canary ≤ ratio · baseline + offset. */
export const affine = ({ relative, absolute }: Margin): AffineMargin => ({ ratio: 1 + relative, offset: absolute });

/** The same for a share of events of which fewer is worse, stated on the complement (statistics §A.1). */
export const affineOnComplement = ({ relative, absolute }: Margin): AffineMargin => ({ ratio: 1 - relative, offset: relative + absolute });

/** `either` is two one-sided questions, each with half the weight. */
export const directionsOf = (harm: HarmDirection): readonly Exclude<HarmDirection, 'either'>[] =>
  harm === 'either' ? ['increase', 'decrease'] : [harm];

/** The samples of the kind that a metric is made of; gaps and the rest are null. */
export function samplesOf<K extends Sample['kind']>(
  readings: readonly Measurement[],
  cohort: 'baseline' | 'canary',
  kind: K,
): (Extract<Sample, { kind: K }> | null)[] {
  const isOfKind = (sample: Sample | Gap): sample is Extract<Sample, { kind: K }> => sample.kind === kind;
  return readings.map((reading) => (isOfKind(reading[cohort]) ? reading[cohort] : null));
}

/** Nothing is known: the interval of a metric that was not bounded or not asked for. */
export const unbounded = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY } as const;
