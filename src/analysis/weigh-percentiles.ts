import type { Counts, Evidence, Margin, PercentilesMetric, Sample } from '../domain/index.js';
import {
  bet1,
  bet2,
  countAbove,
  exceedance,
  exceedanceRatioBounds,
  type Histogram,
  HistogramSum,
  histogramCount,
  histogramQuantile,
  histogramQuantileBounds,
  type Side,
  snapToBound,
  type TwoArmWindow,
} from '../statistics/index.js';
import { levelShiftOf, shiftInWords } from './level-shift.js';
import { predictableReference } from './predictable-reference.js';
import { isUsable, phiAlone, phiOf } from './weigh-proportion.js';
import { directionsOf, type Finding, harmCap, safeMarginOf, samplesOf, unbounded, type Weighing } from './weighing.js';

interface Arms {
  readonly baseline: readonly (Histogram | null)[];
  readonly canary: readonly (Histogram | null)[];
  /** the baseline before the run; may be empty */
  readonly history: readonly Histogram[];
}

/** Each percentile is a question of its own: how many canary requests are slower than the baseline's percentile allows. */
export function weighPercentiles(weighing: Weighing, metric: PercentilesMetric): Finding[] {
  const arms: Arms = {
    baseline: samplesOf(weighing.readings, 'baseline', 'distribution').map((sample) => sample?.histogram ?? null),
    canary: samplesOf(weighing.readings, 'canary', 'distribution').map((sample) => sample?.histogram ?? null),
    history: samplesOf(weighing.history, 'baseline', 'distribution').flatMap((sample) => sample?.histogram ?? []),
  };
  const directions = directionsOf(metric.harm);
  return metric.at.flatMap((p) =>
    directions.map((direction) => {
      const name = nameOf(metric, p);
      const finding =
        metric.margin === null
          ? againstLimit(weighing, arms, p, direction, metric.limit ?? 0)
          : againstBaseline(weighing, arms, p, direction, metric.margin);
      return {
        ...finding,
        name: directions.length > 1 ? `${name} (${direction})` : name,
        direction,
        share: 1 / (directions.length * metric.at.length),
      };
    }),
  );
}

/** `p95`, `p99.9` */
export const percentileName = (p: number): string => `p${Number((100 * p).toFixed(6))}`;

/** `latency p95`; a metric that is called p95, or is the only one against its limit, keeps its own name. */
function nameOf({ name, at, margin }: PercentilesMetric, p: number): string {
  const said = at.length === 1 && (margin === null || name === percentileName(p));
  return said ? name : `${name} ${percentileName(p)}`;
}

type PercentileFinding = Omit<Finding, 'name' | 'direction' | 'share'>;

function againstBaseline(weighing: Weighing, arms: Arms, p: number, direction: Evidence['direction'], margin: Margin): PercentileFinding {
  const { references, history } = predict(arms, p, direction);
  const shift = levelShiftOf(weighing, (sample, index) => beyondReference(sample, references[index - weighing.history.length], direction));
  const count = (tolerated: Margin, side: Side): TwoArmWindow[] =>
    exceedanceWindows(arms, { references, history }, p, tolerated, side, direction);
  const harmWindows = count(margin, 'harm');
  const safeWindows = count(safeMarginOf(weighing) ?? margin, 'safe');
  const used = (histograms: readonly (Histogram | null)[]): Histogram | null =>
    pooled(histograms.filter((_, index) => harmWindows[index] && isUsable(harmWindows[index])));
  const shown = (histograms: readonly (Histogram | null)[]): Histogram | null => used(histograms) ?? pooled(histograms); // before there is a reference
  const [baseline, canary] = [summary(shown(arms.baseline), p), summary(shown(arms.canary), p)];
  const sign = direction === 'decrease' ? -1 : 1;
  const change = canary.value === null || !baseline.value ? null : sign * (canary.value / baseline.value - 1);
  const { budget } = weighing.template;
  // the margin is in the value that is exceeded: the shares themselves differ by no more than the time does
  return {
    logHarm: bet2(harmWindows, { ratio: shift, offset: 0 }, 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet2(safeWindows, { ratio: 1 / shift, offset: 0 }, 'safe').logE,
    effect: {
      ...(weighing.withIntervals ? changeBounds(arms, references, harmWindows, p, budget.falsePromote, sign) : unbounded),
      estimate: change,
    },
    effectKind: 'ratio',
    margin: margin.relative + (baseline.value ? margin.absolute / baseline.value : 0),
    baseline,
    canary,
    phi: harmWindows.findLast(isUsable)?.phi ?? 1,
    windows: harmWindows.filter(isUsable).length,
    warnings: [...coarseBucketWarning(arms, references, margin), ...shiftInWords(shift)],
  };
}

/** How often one reading lies beyond the percentile predicted for its window. */
function beyondReference(
  sample: Sample,
  reference: number | null | undefined,
  direction: Evidence['direction'],
): { events: number; exposure: number } | null {
  if (sample.kind !== 'distribution' || !reference) return null;
  const { events, total } = beyond(sample.histogram, reference, direction, 'nearest');
  return { events, exposure: total };
}

/** What was known before each window: the percentile to exceed, and how often the baseline exceeded it before the run. */
interface Prediction {
  readonly references: readonly (number | null)[];
  readonly history: readonly Counts[];
}

function predict({ history, baseline }: Arms, p: number, direction: Evidence['direction']): Prediction {
  const all = predictableReference([...history, ...baseline], p);
  const counted = history.flatMap((histogram, index): Counts[] => {
    const reference = all[index] ?? null;
    return reference === null ? [] : [beyond(histogram, reference, direction, 'nearest')];
  });
  return { references: all.slice(history.length), history: counted };
}

function exceedanceWindows(
  arms: Arms,
  { references, history }: Prediction,
  p: number,
  margin: Margin,
  side: Side,
  direction: Evidence['direction'],
): TwoArmWindow[] {
  const counted = references.map((reference, index) => {
    const [baseline, canary] = [arms.baseline[index] ?? null, arms.canary[index] ?? null];
    if (reference === null || baseline === null || canary === null || baseline.kind !== canary.kind) return nothing;
    return direction === 'decrease'
      ? fewerThan(baseline, canary, reference, margin, side)
      : moreThan(baseline, canary, reference, margin, side);
  });
  const baseline = counted.map(({ baselineTotal, baselineEvents }) => ({ total: baselineTotal, events: baselineEvents }));
  const canary = counted.map(({ canaryTotal, canaryEvents }) => ({ total: canaryTotal, events: canaryEvents }));
  const phi = phiOf(baseline, history, canary);
  const base = direction === 'decrease' ? p : 1 - p;
  return counted.map((window, index) => ({ ...window, phi: phi[index] ?? 1, base }));
}

const nothing = { canaryTotal: 0, canaryEvents: 0, baselineTotal: 0, baselineEvents: 0 };

function moreThan(baseline: Histogram, canary: Histogram, reference: number, { relative, absolute }: Margin, side: Side): typeof nothing {
  return exceedance({ baseline, canary, reference, margin: { ratio: 1 + relative, offset: absolute }, side });
}

/** Smaller is worse: count what lies below, and snap the other way, so that bucket error stays conservative. */
function fewerThan(baseline: Histogram, canary: Histogram, reference: number, { relative, absolute }: Margin, side: Side): typeof nothing {
  const turned: Side = side === 'harm' ? 'safe' : 'harm';
  const above = exceedance({ baseline, canary, reference, margin: { ratio: 1 - relative, offset: -absolute }, side: turned });
  return { ...above, canaryEvents: above.canaryTotal - above.canaryEvents, baselineEvents: above.baselineTotal - above.baselineEvents };
}

/** Bounds of canary ÷ baseline percentile − 1, turned so that positive is worse. */
function changeBounds(
  arms: Arms,
  references: readonly (number | null)[],
  windows: readonly TwoArmWindow[],
  p: number,
  alpha: number,
  sign: number,
): { low: number; high: number } {
  const compared = windows.flatMap((window, index) => {
    const [baseline, canary, reference] = [arms.baseline[index], arms.canary[index], references[index]];
    return isUsable(window) && baseline && canary && reference ? [{ baseline, canary, reference, phi: window.phi }] : [];
  });
  if (compared.length === 0) return unbounded;
  const { low, high } = exceedanceRatioBounds(compared, p, alpha);
  return sign < 0 ? { low: 1 - high, high: 1 - low } : { low: low - 1, high: high - 1 };
}

/** Classic buckets can be too wide for the margin: then neither side can be proven, and the author should know. */
function coarseBucketWarning(arms: Arms, references: readonly (number | null)[], { relative, absolute }: Margin): string[] {
  const index = references.findLastIndex((reference) => reference !== null);
  const [reference, baseline] = [references[index], arms.baseline[index]];
  if (!reference || !baseline) return [];
  const tolerated = relative + absolute / reference;
  const snapped = snapToBound(baseline, reference, 'nearest');
  const wanted = snapped * (1 + relative) + absolute;
  const error = (snapToBound(baseline, wanted, 'up') - wanted) / snapped;
  if (!(error > tolerated / 3)) return [];
  return [
    `histogram buckets are too wide for this margin: the next bound is ${Math.round(100 * error)} % above it; add a bucket bound there or use exponential histograms`,
  ];
}

function againstLimit(weighing: Weighing, arms: Arms, p: number, direction: Evidence['direction'], limit: number): PercentileFinding {
  const share = direction === 'decrease' ? p : 1 - p;
  const count = (snap: 'up' | 'down'): Counts[] => arms.canary.map((histogram) => beyond(histogram, limit, direction, snap));
  const [harmful, safe] = direction === 'decrease' ? [count('down'), count('up')] : [count('up'), count('down')];
  const before = arms.history.map((histogram) => beyond(histogram, limit, direction, 'nearest'));
  const withPhi = (counts: readonly Counts[]): { total: number; events: number; phi: number }[] => {
    const phi = phiAlone(counts, before);
    return counts.map((window, index) => ({ ...window, phi: phi[index] ?? 1 }));
  };
  const harmWindows = withPhi(harmful);
  const all = pooled(arms.canary);
  const canary = summary(all, p);
  const bounds =
    weighing.withIntervals && all ? histogramQuantileBounds(all, p, weighing.template.budget.falsePromote, sharpestAt) : unbounded;
  return {
    logHarm: bet1(harmWindows, share, 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet1(withPhi(safe), share, 'safe').logE,
    effect: { low: bounds.low, high: bounds.high, estimate: canary.value },
    effectKind: 'level',
    margin: limit,
    baseline: summary(pooled(arms.baseline), p),
    canary,
    phi: harmWindows.findLast(({ total }) => total > 0)?.phi ?? 1,
    windows: harmWindows.filter(({ total }) => total > 0).length,
    warnings: [],
  };
}

/** Observations at which the interval of a percentile against a limit is tightest; fixed before the data. */
const sharpestAt = 1000;

function beyond(histogram: Histogram | null, limit: number, direction: Evidence['direction'], snap: 'nearest' | 'up' | 'down'): Counts {
  if (!histogram) return { total: 0, events: 0 };
  const total = histogramCount(histogram);
  const above = countAbove(histogram, snapToBound(histogram, limit, snap));
  return { total, events: direction === 'decrease' ? total - above : above };
}

/** All windows together, for display. Where a service changed the form of its histograms, those of the newest form. */
function pooled(histograms: readonly (Histogram | null)[]): Histogram | null {
  const form = histograms.findLast((histogram) => histogram !== null)?.kind;
  const sum = new HistogramSum();
  for (const histogram of histograms) if (histogram?.kind === form && histogram) sum.add(histogram);
  return sum.soFar();
}

const summary = (histogram: Histogram | null, p: number): { count: number; value: number | null } =>
  histogram === null ? { count: 0, value: null } : { count: histogramCount(histogram), value: histogramQuantile(histogram, p) };
