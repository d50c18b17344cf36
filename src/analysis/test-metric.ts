import type { ClassicTest } from '../domain/index.js';
import { type AffineMargin, histogramCount, histogramQuantile } from '../statistics/index.js';
import {
  pairsOf,
  pooled,
  pooledMoments,
  type TestedOnce,
  type TwoCounts,
  testCounts,
  testMeans,
  testPercentiles,
  testValues,
} from './classic-tests.js';
import type { RecordedMetric } from './judge-once.js';
import { questionsOf, valuesOf } from './window-values.js';

interface MetricTest {
  /** in the order of the metric's questions; `tested` null: no evidence either way */
  readonly results: readonly { readonly tested: TestedOnce | null; readonly baseline: number | null; readonly canary: number | null }[];
  /** of the bootstrap */
  readonly seed: number | null;
  readonly warnings: readonly string[];
}

type Readings = RecordedMetric['readings'];

/** One metric by the test that its template names, with the values that people know it by. */
export function testMetric(recorded: RecordedMetric, test: ClassicTest, margin: AffineMargin): MetricTest {
  const { metric } = recorded;
  if (test === 'mann-whitney' || test === 'kolmogorov-smirnov' || (test === 'welch' && metric.kind !== 'mean'))
    return onWindows(recorded, test, margin);
  const { readings, warnings } = oneSplit(recorded);
  if (test === 'bootstrap') return byBootstrap({ ...recorded, readings }, margin, warnings);
  if (test === 'welch') return onMeans(readings, margin, warnings);
  return onCounts(readings, test, margin, warnings);
}

function onWindows(
  { metric, readings }: RecordedMetric,
  test: 'mann-whitney' | 'welch' | 'kolmogorov-smirnov',
  margin: AffineMargin,
): MetricTest {
  const results = questionsOf(metric).map(({ p }) => {
    const values = { baseline: known(valuesOf(readings, 'baseline', p)), canary: known(valuesOf(readings, 'canary', p)) };
    return { tested: testValues(test, values, margin), baseline: meanOf(values.baseline), canary: meanOf(values.canary) };
  });
  return { results, seed: null, warnings: [] };
}

function onCounts(
  readings: Readings,
  test: 'two-proportion' | 'fisher' | 'beta-binomial',
  margin: AffineMargin,
  warnings: string[],
): MetricTest {
  const pairs = pairsOf(readings, 'counts').filter(({ baseline, canary }) => baseline.total > 0 && canary.total > 0);
  const sum = (cohort: 'baseline' | 'canary') => ({
    events: pairs.reduce((total, pair) => total + pair[cohort].events, 0),
    total: pairs.reduce((total, pair) => total + pair[cohort].total, 0),
  });
  const counts: TwoCounts = { baseline: sum('baseline'), canary: sum('canary') };
  const share = ({ events, total }: TwoCounts['canary']): number | null => (total > 0 ? events / total : null);
  const drift = driftOf(pairs.map(({ baseline, canary }) => ({ baseline: baseline.total, canary: canary.total })));
  const tested = drift.length > 0 ? null : testCounts(test, counts, margin);
  const results = [{ tested, baseline: share(counts.baseline), canary: share(counts.canary) }];
  return { results, seed: null, warnings: [...warnings, ...drift] };
}

function onMeans(readings: Readings, margin: AffineMargin, warnings: string[]): MetricTest {
  const pairs = pairsOf(readings, 'moments').filter(({ baseline, canary }) => baseline.count > 0 && canary.count > 0);
  const [baseline, canary] = [pooledMoments(pairs.map((pair) => pair.baseline)), pooledMoments(pairs.map((pair) => pair.canary))];
  const drift = driftOf(pairs.map((pair) => ({ baseline: pair.baseline.count, canary: pair.canary.count })));
  const tested = drift.length > 0 ? null : testMeans(canary, baseline, margin);
  const results = [{ tested, baseline: baseline.count > 0 ? baseline.mean : null, canary: canary.count > 0 ? canary.mean : null }];
  return { results, seed: null, warnings: [...warnings, ...drift] };
}

function byBootstrap({ template, metric, readings, runFrom }: RecordedMetric, margin: AffineMargin, warnings: string[]): MetricTest {
  const at = metric.kind === 'percentiles' ? metric.at : [];
  const seed = seedOf(`${template.hash} ${metric.name} ${runFrom}`);
  const pairs = pairsOf(readings, 'distribution').map(({ baseline, canary }) => ({
    baseline: baseline.histogram,
    canary: canary.histogram,
  }));
  const drift = driftOf(pairs.map(({ baseline, canary }) => ({ baseline: histogramCount(baseline), canary: histogramCount(canary) })));
  const tested = drift.length > 0 ? null : testPercentiles(pairs, at, margin, seed);
  const few = tested || drift.length > 0 ? [] : ['too few windows of one form to resample'];
  const all = { baseline: pooled(pairs.map((pair) => pair.baseline)), canary: pooled(pairs.map((pair) => pair.canary)) };
  const results = at.map((p, index) => ({
    tested: tested?.[index] ?? null,
    baseline: all.baseline && histogramQuantile(all.baseline, p),
    canary: all.canary && histogramQuantile(all.canary, p),
  }));
  return { results, seed, warnings: [...warnings, ...drift, ...few] };
}

/** Totals of both cohorts mislead where the split between them changed: only the newest declared weight counts. */
function oneSplit({ readings, weights }: RecordedMetric): { readings: Readings; warnings: string[] } {
  const newest = weights.at(-1);
  const before = weights.findLastIndex((weight) => weight !== newest);
  if (before < 0) return { readings, warnings: [] };
  const warning = `the canary's weight changed, so that only the last ${weights.length - before - 1} of ${weights.length} windows count: totals over both would mislead`;
  return { readings: readings.slice(before + 1), warnings: [warning] };
}

/** Beyond this the canary's share has changed between the halves of a run: traffic that grew with it could pass for harm, and harm for traffic. */
const mostDrift = 2;

/** Where the split changed although nobody declared it, totals are no evidence: a sentence, or none. */
function driftOf(pairs: readonly { readonly baseline: number; readonly canary: number }[]): string[] {
  const middle = Math.floor(pairs.length / 2);
  const [early, late] = [pairs.slice(0, middle), pairs.slice(middle)].map((half) => {
    const canary = half.reduce((sum, pair) => sum + pair.canary, 0);
    return canary / half.reduce((sum, pair) => sum + pair.baseline, 0);
  });
  if (!early || !late || Math.max(late / early, early / late) <= mostDrift) return [];
  return ["the canary's share of the traffic changed during the run: totals would mislead, and are not tested"];
}

/** The same run and template give the same draws on any machine (FNV-1a). */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

const known = (values: readonly (number | null)[]): number[] => values.flatMap((value) => value ?? []);

const meanOf = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
