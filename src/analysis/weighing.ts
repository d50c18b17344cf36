import type { Evidence, Gap, HarmDirection, Margin, Measurement, Metric, MissingData, Sample, Template } from '../domain/index.js';
import type { AffineMargin, Start } from '../statistics/index.js';

/** What is fixed about one metric of a run before its first window is judged. */
export interface Subject {
  readonly template: Template;
  readonly metric: Metric;
  /** the metric in windows from before the run, oldest first: what noise the baseline has; may be empty */
  readonly history: readonly Measurement[];
  /** where evidence is also gathered afresh, so that a late regression is found; fixed before any data */
  readonly starts: readonly Start[];
}

/** How fresh intervals must be: exact ones cost far more than all the rest of a look. */
export type Intervals = 'none' | 'recent' | 'exact';

/** What a look asks about a metric. */
export interface Asked {
  /** index of the phase in force */
  readonly phase: number;
  readonly intervals: Intervals;
}

/** Weighs one metric: takes one window after the other, and says at any time what they show. */
export interface Weigher {
  /** @param reading  of the next window, empty ones included, so that positions are those of the schedule */
  add(reading: Measurement): void;
  /** One finding for each one-sided question; empty where the metric has none that can be tested. */
  findings(asked: Asked): Finding[];
}

/** One one-sided question about a metric, in the words of {@link Evidence}. */
export type Finding = Pick<
  Evidence,
  'name' | 'logHarm' | 'logSafe' | 'effect' | 'effectKind' | 'margin' | 'baseline' | 'canary' | 'phi' | 'pods' | 'windows' | 'direction'
> & {
  /** share of the metric's weight that this question carries */
  readonly share: number;
  /** nats per canary observation that evidence for safety grows by if the canary is as good as the baseline; null: it does not grow. Absent: not known */
  readonly healthyGrowth?: number | null;
  readonly warnings: readonly string[];
  /** what keeps this question from being answered, besides missing readings; absent: nothing */
  readonly missing?: MissingData;
};

/** What a question finds out by itself; its name and its share of the weight come from the metric. */
export type Answer = Omit<Finding, 'name' | 'direction' | 'share'>;

/** A one-sided question, window by window. */
export interface Question {
  add(reading: Measurement): void;
  answer(asked: Asked): Answer;
}

/** Which change is worse, for a question that asks about one side. */
export type OneDirection = Exclude<HarmDirection, 'either'>;

/** ln of the e-value beyond which one window alone may not carry the harm side: no single window decides. */
export const harmCap = ({ budget }: Template): number => 0.5 * Math.log(1 / budget.falseRollback);

/** The margin that promote must meet in this phase; harm is always judged by the final one. */
export const safeMarginOf = ({ template, metric }: Pick<Subject, 'template' | 'metric'>, phase: number): Margin | null =>
  template.phases[phase]?.margins[metric.name] ?? metric.margin;

/** The tolerated region as the tests state it: canary ≤ ratio · baseline + offset. */
export const affine = ({ relative, absolute }: Margin): AffineMargin => ({ ratio: 1 + relative, offset: absolute });

/** The smallest part of a share that a margin leaves to be harm, where it accepts the loss of all of it. */
const leastHarm = 1e-6;

/**
 * The same for a share of events of which fewer is worse, stated on the complement (statistics §A.1). A margin that accepts the loss of
 * everything leaves a trace that could be harm, as a test needs a proportion on either side.
 */
export const affineOnComplement = ({ relative, absolute }: Margin): AffineMargin => ({
  ratio: Math.max(1 - relative, leastHarm),
  offset: Math.min(relative + absolute, 1 - leastHarm),
});

/** `either` is two one-sided questions, each with half the weight. */
export const directionsOf = (harm: HarmDirection): readonly OneDirection[] => (harm === 'either' ? ['increase', 'decrease'] : [harm]);

/** A weigher of one question for each direction in which the metric may do harm. */
export function askEachDirection({ metric }: Subject, ask: (direction: OneDirection) => Question): Weigher {
  const directions = directionsOf(metric.harm);
  const questions = directions.map((direction) => ({ direction, question: ask(direction) }));
  return {
    add: (reading) => {
      for (const { question } of questions) question.add(reading);
    },
    findings: (asked) =>
      questions.map(({ direction, question }) => ({
        ...question.answer(asked),
        name: directions.length > 1 ? `${metric.name} (${direction})` : metric.name,
        direction,
        share: 1 / directions.length,
      })),
  };
}

/** The sample if it is of the kind that a metric is made of; null for a gap and for the rest. */
export function sampleOf<K extends Sample['kind']>(reading: Sample | Gap, kind: K): Extract<Sample, { kind: K }> | null {
  const isOfKind = (sample: Sample | Gap): sample is Extract<Sample, { kind: K }> => sample.kind === kind;
  return isOfKind(reading) ? reading : null;
}

/** The same of one cohort in many windows. */
export const samplesOf = <K extends Sample['kind']>(
  readings: readonly Measurement[],
  cohort: 'baseline' | 'canary',
  kind: K,
): (Extract<Sample, { kind: K }> | null)[] => readings.map((reading) => sampleOf(reading[cohort], kind));

/** Nothing is known: the interval of a metric that was not bounded or not asked for. */
export const unbounded = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY } as const;
