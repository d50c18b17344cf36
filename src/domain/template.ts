import type { Matchers } from './cohort.js';
import type { ClassicTest, JudgeRule, KayentaOptions } from './judge-rule.js';

/** critical and weighted metrics gate; informational ones are shown and never decide. */
export type Role = 'critical' | 'weighted' | 'informational';

/** Which change of the canary against the baseline is worse. */
export type HarmDirection = 'increase' | 'decrease' | 'either';

export type SourceKind = 'traces' | 'metrics' | 'logs' | 'prometheus';

/** What to do when a metric cannot be read: promote is blocked, the metric is left out, or the run rolls back. */
export type NoDataPolicy = 'hold' | 'ignore' | 'fail';

/** Why a metric could not be read. `zero`: series are there, nothing happened; `unavailable`: the source did not answer. */
export type NoDataCause = 'absent' | 'stale' | 'nan' | 'zero';

export type NoDataPolicies = Readonly<Record<NoDataCause, NoDataPolicy>>;

export type OnDeadline = 'hold' | 'rollback' | 'promote-if-bounded';

/**
 * Largest harm accepted: canary ≤ (1 + relative) · baseline + absolute (mirrored for `harm: decrease`).
 * relative is a ratio ≥ 0; absolute is in the metric's unit (ratio, seconds, …) ≥ 0.
 */
export interface Margin {
  readonly relative: number;
  readonly absolute: number;
}

/** Pushed telemetry that a metric counts: spans or log records, as its source says, or the points of one named instrument. */
export interface PushedSelection {
  readonly type: 'pushed';
  /** OTLP instrument name; null selects spans, or log records */
  readonly instrument: string | null;
  readonly matchers: Matchers;
}

/** Prometheus series, as `name{label="value"}` (a selector), or free PromQL for gauges. */
export interface QuerySelection {
  readonly type: 'query';
  readonly query: string;
}

export type Selection = PushedSelection | QuerySelection;

/** The part of a metric in which an attribute has one value. */
export interface MetricSlice {
  /** name of the metric of which this is a part */
  readonly of: string;
  /** observations of each cohort below which the slice is left out; null: as many as `minSamples` asks for */
  readonly min: number | null;
}

interface MetricOfAnyKind {
  readonly name: string;
  readonly title: string | null;
  readonly role: Role;
  /** share of the rollback budget and of the score, > 0, relative to the other gating metrics */
  readonly weight: number;
  readonly source: SourceKind;
  readonly harm: HarmDirection;
  /** against the baseline; null where `limit` is given */
  readonly margin: Margin | null;
  /** absolute bound in the metric's unit, whatever the baseline does; null where `margin` is given */
  readonly limit: number | null;
  readonly onNoData: NoDataPolicies;
  /** unit of values shown to people: 's', 'ratio', 'By', … */
  readonly unit: string;
  /** absent: the metric is a whole, as its author wrote it */
  readonly slice?: MetricSlice;
  /** for `judge: kayenta` only; absent: Kayenta's defaults */
  readonly kayenta?: KayentaOptions;
  /** for `judge: fixed-horizon` only: which test decides; there it is never absent */
  readonly test?: ClassicTest;
}

/** events ÷ of, both counts of the same things. */
export interface ProportionMetric extends MetricOfAnyKind {
  readonly kind: 'proportion';
  readonly events: Selection;
  readonly of: Selection;
}

/** Percentiles of a distribution: durations of spans, a numeric attribute, or a histogram instrument. */
export interface PercentilesMetric extends MetricOfAnyKind {
  readonly kind: 'percentiles';
  readonly of: Selection;
  /** 'duration' (spans, seconds), or the name of a numeric span attribute; ignored for histograms */
  readonly value: string;
  /** in (0, 1), ascending */
  readonly at: readonly number[];
}

/** Events per exposure: per second of wall clock, or per count of something else. */
export interface RateMetric extends MetricOfAnyKind {
  readonly kind: 'rate';
  readonly events: Selection;
  readonly per: 'second' | Selection;
}

/** Mean of a value per observation (an unbounded KPI such as basket size). */
export interface MeanMetric extends MetricOfAnyKind {
  readonly kind: 'mean';
  readonly of: Selection;
  readonly value: string;
}

/** A level sampled once a window (CPU, heap, queue length). */
export interface GaugeMetric extends MetricOfAnyKind {
  readonly kind: 'gauge';
  readonly of: Selection;
}

export type Metric = ProportionMetric | PercentilesMetric | RateMetric | MeanMetric | GaugeMetric;

/** Typed value that a run passes to a template. */
export interface ArgumentSpec {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'duration';
  readonly required: boolean;
  readonly default: string | null;
  /** RE2, anchored */
  readonly pattern: string | null;
  readonly oneOf: readonly string[] | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly description: string | null;
}

export interface Schedule {
  readonly windowSeconds: number;
  /** how long after its end a window stays open for late data */
  readonly latenessSeconds: number;
  readonly warmupSeconds: number;
  readonly minDurationSeconds: number;
  /** observations needed in each cohort before a metric may count as safe; blocks promote, never rollback */
  readonly minSamples: number;
  readonly deadlineSeconds: number;
  readonly onDeadline: OnDeadline;
  /** for `promote-if-bounded`: how many times its margin a metric may reach at the deadline, ≥ 1; absent: 1.5 */
  readonly deadlineMargin?: number;
  /** a cohort silent for longer than this while the other has traffic has no data */
  readonly staleAfterSeconds: number;
  /** how long to keep watching after promote, for an instant rollback; 0 = do not */
  readonly bakeSeconds: number;
}

/** Error rates promised over the whole rollout: all looks, all metrics, all phases. */
export interface Budget {
  readonly falseRollback: number;
  readonly falsePromote: number;
}

/** A part of the run under one declared canary weight. */
export interface Phase {
  /** share of the traffic that the canary gets, in (0, 1] */
  readonly weight: number;
  /** looser margins of this phase by metric name; a metric not named keeps its own */
  readonly margins: Readonly<Record<string, Margin>>;
}

/** Instead of a baseline that runs beside the canary: the same service at the same time of earlier days. */
export interface EarlierBaseline {
  /** distance of the first reference period from the run, and of each from the next */
  readonly beforeSeconds: number;
  /** how many periods; at least 4, or nobody knows how much they differ anyhow */
  readonly references: number;
  /** false: what is safe holds, as `observational`, because something else may have changed at the same time */
  readonly promote: boolean;
  /** who got no release, and whose change over the same times is taken off; absent: nobody */
  readonly control?: Matchers;
}

/** harm: the margin for harm gives way to unlike pods; strict: the margin for safe is tightened by as much, too; ignore: neither. */
export type PodSpreadRule = 'harm' | 'strict' | 'ignore';

export interface CohortRule {
  /** attribute (OTLP) or label (Prometheus) that tells the sides apart */
  readonly by: string;
  /** attribute or label that names the pod, the cluster for variance; null: not known */
  readonly pod: string | null;
  /** what pods that differ anyhow do to a margin; absent in runs that were pinned before it was known: nothing */
  readonly podSpread?: PodSpreadRule;
  /** so many pods of the canary must have served before promote; absent: one will do */
  readonly minCanaryPods?: number;
  /** absent: both cohorts run at the same time */
  readonly baseline?: EarlierBaseline;
}

/** The share of the traffic that the canary gets against its declared weight. */
export interface SampleRatioGuard {
  /** half the width of the band around the declared weight, in shares of the traffic, in (0, 0.5] */
  readonly tolerance: number;
}

/** The mix of the traffic that each cohort serves, told apart by one attribute. */
export interface MixGuard {
  /** attribute whose values are the slices that are compared */
  readonly by: string;
  /** how much larger a slice may be in one cohort: share ≤ (1 + relative) · share in the other + absolute, both ways */
  readonly tolerance: Margin;
}

/** What must hold for the cohorts to be comparable at all: an alarm turns promote into hold. Null: not watched. */
export interface Guards {
  /** acts only while a run declares a weight below 1 */
  readonly sampleRatio: SampleRatioGuard | null;
  /** needs a metric that reads spans */
  readonly mix: MixGuard | null;
}

/** A number of a metric that an argument fills in: until then the metric carries the argument's default. */
export interface NumberFromArgument {
  readonly argument: string;
  readonly metric: string;
  readonly place: 'limit' | 'margin.relative' | 'margin.absolute';
}

/** What the author wrote, checked. Pinned by `hash`: same text, same hash, same verdicts. */
export interface Template {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** `sha256:` and 64 hex digits of the text's bytes */
  readonly hash: string;
  readonly arguments: Readonly<Record<string, ArgumentSpec>>;
  readonly cohorts: CohortRule;
  readonly schedule: Schedule;
  readonly budget: Budget;
  /** empty: one phase at whatever weight the run says */
  readonly phases: readonly Phase[];
  readonly metrics: readonly Metric[];
  /** absent: evidence that holds at every look decides */
  readonly judge?: JudgeRule;
  /** absent in runs that were pinned to a template before there were guards: none is watched */
  readonly guards?: Guards;
  /** numbers that a run's arguments fill in; absent where there are none, and once they are filled in */
  readonly numbersFromArguments?: readonly NumberFromArgument[];
}
