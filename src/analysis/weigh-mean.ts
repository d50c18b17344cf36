import type { Evidence, Margin } from '../domain/index.js';
import { meanDifferenceBounds, meanEvidence, type TwoMeansWindow } from '../statistics/index.js';
import { directionsOf, type Finding, safeMarginOf, samplesOf, unbounded, type Weighing } from './weighing.js';

type MeanFinding = Omit<Finding, 'name' | 'direction' | 'share'>;

/** Means per observation of both cohorts against each other; a limit is not supported by this kind. */
export function weighMean(weighing: Weighing): Finding[] {
  const { metric } = weighing;
  const { margin } = metric;
  if (margin === null) return [];
  const directions = directionsOf(metric.harm);
  return directions.map((direction) => ({
    ...againstBaseline(weighing, direction, margin),
    name: directions.length > 1 ? `${metric.name} (${direction})` : metric.name,
    direction,
    share: 1 / directions.length,
  }));
}

function againstBaseline(weighing: Weighing, direction: Evidence['direction'], margin: Margin): MeanFinding {
  const sign = direction === 'decrease' ? -1 : 1;
  const stated = ({ relative, absolute }: Margin): { ratio: number; offset: number } => ({ ratio: 1 + sign * relative, offset: absolute });
  const windows = pairedWindows(weighing, sign);
  const { budget } = weighing.template;
  const bounds = weighing.withIntervals ? meanDifferenceBounds(windows, budget.falsePromote) : unbounded;
  const [baseline, canary] = [summary(windows, 'baseline', sign), summary(windows, 'canary', sign)];
  return {
    logHarm: meanEvidence(windows, stated(margin), 'harm', { alpha: budget.falseRollback }).logE,
    logSafe: meanEvidence(windows, stated(safeMarginOf(weighing) ?? margin), 'safe', { alpha: budget.falsePromote }).logE,
    effect: {
      low: bounds.low,
      high: bounds.high,
      estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value),
    },
    effectKind: 'difference',
    margin: margin.relative * Math.abs(baseline.value ?? 0) + margin.absolute,
    baseline,
    canary,
    phi: 1,
    windows: windows.length,
    warnings: [],
  };
}

/** Turned so that more is worse. */
function pairedWindows({ readings }: Weighing, sign: number): TwoMeansWindow[] {
  const baseline = samplesOf(readings, 'baseline', 'moments');
  const canary = samplesOf(readings, 'canary', 'moments');
  return readings.flatMap((_, index) => {
    const [b, c] = [baseline[index], canary[index]];
    return b && c && b.count > 0 && c.count > 0 ? [{ baseline: { ...b, mean: sign * b.mean }, canary: { ...c, mean: sign * c.mean } }] : [];
  });
}

function summary(windows: readonly TwoMeansWindow[], cohort: 'baseline' | 'canary', sign: number): { count: number; value: number | null } {
  const count = windows.reduce((sum, window) => sum + window[cohort].count, 0);
  const total = windows.reduce((sum, window) => sum + window[cohort].count * window[cohort].mean, 0);
  return { count, value: count > 0 ? (sign * total) / count : null };
}
