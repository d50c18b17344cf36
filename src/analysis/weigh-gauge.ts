import { mean } from 'simple-statistics';
import type { Evidence, Margin } from '../domain/index.js';
import { autocorrelation, type GaugeHistory, gaugeDifferenceBounds, gaugeEvidence } from '../statistics/index.js';
import { directionsOf, type Finding, safeMarginOf, samplesOf, unbounded, type Weighing } from './weighing.js';

type GaugeFinding = Omit<Finding, 'name' | 'direction' | 'share'>;

interface Levels {
  /** null: not read in this window; not needed against a limit */
  readonly baseline: number | null;
  readonly canary: number;
}

const uncalibrated = 'uncalibrated: the noise of this level was learned from the run itself, not from its history';

/** A level of both cohorts against each other, or of the canary against a limit, one value a window. */
export function weighGauge(weighing: Weighing): Finding[] {
  const { metric } = weighing;
  const directions = directionsOf(metric.harm);
  return directions.map((direction) => ({
    ...(metric.margin === null
      ? againstLimit(weighing, direction, metric.limit ?? 0)
      : againstBaseline(weighing, direction, metric.margin)),
    name: directions.length > 1 ? `${metric.name} (${direction})` : metric.name,
    direction,
    share: 1 / directions.length,
  }));
}

function againstBaseline(weighing: Weighing, direction: Evidence['direction'], margin: Margin): GaugeFinding {
  const sign = direction === 'decrease' ? -1 : 1;
  const pairs = levelsOf(weighing).flatMap(({ baseline, canary }) => (baseline === null ? [] : [{ baseline, canary }]));
  const beyond = ({ relative, absolute }: Margin): number[] =>
    pairs.map(({ baseline, canary }) => sign * (canary - (1 + sign * relative) * baseline) - absolute);
  const [baseline, canary] = [shownMean(pairs.map((pair) => pair.baseline)), shownMean(pairs.map((pair) => pair.canary))];
  const bounds = weighing.withIntervals
    ? gaugeDifferenceBounds(beyond({ relative: 0, absolute: 0 }), weighing.template.budget.falsePromote, { history: noiseOf(weighing) })
    : unbounded;
  return {
    ...evidenceOf(weighing, beyond(margin), beyond(safeMarginOf(weighing) ?? margin)),
    effect: { low: bounds.low, high: bounds.high, estimate: canary === null || baseline === null ? null : sign * (canary - baseline) },
    effectKind: 'difference',
    margin: margin.relative * Math.abs(baseline ?? 0) + margin.absolute,
    baseline: { count: pairs.length, value: baseline },
    canary: { count: pairs.length, value: canary },
  };
}

function againstLimit(weighing: Weighing, direction: Evidence['direction'], limit: number): GaugeFinding {
  const sign = direction === 'decrease' ? -1 : 1;
  const levels = levelsOf(weighing);
  const values = levels.map(({ canary }) => canary);
  const beyond = values.map((value) => sign * (value - limit));
  const bounds = weighing.withIntervals
    ? gaugeDifferenceBounds(values, weighing.template.budget.falsePromote, { history: noiseOf(weighing) })
    : unbounded;
  return {
    ...evidenceOf(weighing, beyond, beyond),
    effect: { low: bounds.low, high: bounds.high, estimate: shownMean(values) },
    effectKind: 'level',
    margin: limit,
    baseline: { count: levels.length, value: shownMean(levels.flatMap(({ baseline }) => baseline ?? [])) },
    canary: { count: values.length, value: shownMean(values) },
  };
}

function evidenceOf(
  weighing: Weighing,
  beyondHarm: readonly number[],
  beyondSafe: readonly number[],
): Pick<GaugeFinding, 'logHarm' | 'logSafe' | 'phi' | 'windows' | 'warnings'> {
  const { budget } = weighing.template;
  const history = noiseOf(weighing);
  return {
    logHarm: gaugeEvidence(beyondHarm, 'harm', { alpha: budget.falseRollback, history }).logE,
    logSafe: gaugeEvidence(beyondSafe, 'safe', { alpha: budget.falsePromote, history }).logE,
    phi: 1,
    windows: beyondHarm.length,
    warnings: history === null ? [uncalibrated] : [],
  };
}

/** Windows from before the run that tell the noise of a level (statistics §D.3). */
const enoughHistory = 240;

/** The noise of a difference between two cohorts, from the baseline alone: each side has as much, and neither knows of the other. */
function noiseOf({ history, metric }: Weighing): GaugeHistory | null {
  const levels = samplesOf(history, 'baseline', 'level').flatMap((sample) =>
    sample && Number.isFinite(sample.value) ? [sample.value] : [],
  );
  if (levels.length < enoughHistory) return null;
  const { lag1Corrected, sampleVariance } = autocorrelation(levels);
  return { lag1: lag1Corrected, variance: metric.margin === null ? sampleVariance : 2 * sampleVariance };
}

function levelsOf({ readings }: Weighing): Levels[] {
  const baseline = samplesOf(readings, 'baseline', 'level');
  return samplesOf(readings, 'canary', 'level').flatMap((sample, index) =>
    sample && Number.isFinite(sample.value) ? [{ canary: sample.value, baseline: baseline[index]?.value ?? null }] : [],
  );
}

/** A number for people, never for the test. */
const shownMean = (values: readonly number[]): number | null => (values.length > 0 ? mean([...values]) : null);
