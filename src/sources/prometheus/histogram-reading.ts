import { type CohortName, cohortNames, type MeanMetric, type PercentilesMetric } from '../../domain/index.js';
import { type Histogram, histogramCount, mergeHistograms, tailsOfParts } from '../../statistics/index.js';
import { type ClassicHistogram, classicIncrease, classicTracks, emptyClassic } from './classic-histogram.js';
import { absent, type CohortReading, gap, poison, type ReadBoth, shortened } from './cohort-reading.js';
import { type CohortTable, isAt } from './cohort-tables.js';
import { textOf } from './counter-readings.js';
import type { HistogramIncrease } from './cumulative-histogram.js';
import { momentsOf } from './histogram-moments.js';
import type { NativeHistogram } from './native-histogram.js';
import { emptyNative, nativeIncrease, nativeTracks } from './native-increase.js';
import { type TableSeries } from './series-table.js';
import { podsAt, poisonedIn, stepOf, type Track } from './track.js';

type Form = 'classic' | 'native';

/** One cohort's histograms in the form that both cohorts have. */
interface CohortHistograms {
  /** series that are broken in the window that starts at this edge */
  poisoned(edge: number): number;
  /** one for each series in the window that starts at this edge */
  increases(edge: number): IncreaseOfPod[];
}

interface IncreaseOfPod extends HistogramIncrease {
  /** '' where the series names none */
  readonly pod: string;
}

/** Distributions (percentiles) or their moments (mean) of both cohorts, in one shape so that they can be compared. */
export function readHistograms(metric: PercentilesMetric | MeanMetric, { series }: CohortTable, pod: string | null): ReadBoth {
  const query = textOf(metric.of);
  const inForm = { classic: both((cohort) => classicOf(series[cohort], pod)), native: both((cohort) => nativeOf(series[cohort], pod)) };
  return (edge) => {
    const edges = [edge, edge + 1];
    const form = commonForm(series, edges);
    if (form === 'none') return both((cohort) => noHistogram(cohort, rowsAt(series[cohort], edges), query));
    if (form === 'unlike') return both(() => gap('unavailable', `${shortened(query)}: one cohort has classic buckets, the other native`));
    const found = both((cohort) => increaseOfCohort(inForm[form][cohort], cohort, edge, query));
    return metric.kind === 'mean' ? moments(found, query) : distributions(found, query, metric.at);
  };
}

const both = <T>(read: (cohort: CohortName) => T): Record<CohortName, T> => ({ baseline: read('baseline'), canary: read('canary') });

/** Native where every cohort that has histograms has native ones; else classic, if every one has those. */
function commonForm(series: Readonly<Record<CohortName, readonly TableSeries[]>>, edges: readonly number[]): Form | 'none' | 'unlike' {
  const forms = cohortNames
    .map((cohort) => new Set(rowsAt(series[cohort], edges).flatMap((row) => formOf(row) ?? [])))
    .filter(({ size }) => size > 0);
  if (forms.length === 0) return 'none';
  return (['native', 'classic'] as const).find((form) => forms.every((has) => has.has(form))) ?? 'unlike';
}

const rowsAt = (rows: readonly TableSeries[], edges: readonly number[]): TableSeries[] => rows.filter((row) => isAt(row, edges));

function formOf({ labels, values }: TableSeries): Form | null {
  if (Object.hasOwn(labels, 'le')) return 'classic';
  return values.some((value) => value !== null && typeof value !== 'number') ? 'native' : null;
}

function noHistogram(cohort: CohortName, series: readonly TableSeries[], query: string): CohortReading {
  if (series.length === 0) return absent(cohort, query);
  if (series.some(({ values }) => values.some((value) => Number.isNaN(value)))) return poison(cohort, series.length, query);
  return gap('unavailable', `${shortened(query)} is not a histogram: percentiles and means need buckets, a summary cannot be compared`);
}

function classicOf(series: readonly TableSeries[], pod: string | null): CohortHistograms {
  const buckets = series.filter((row) => formOf(row) === 'classic');
  const sums = series.filter(({ labels }) => labels['__name__']?.endsWith('_sum'));
  return over<ClassicHistogram>(classicTracks(buckets, sums, pod), emptyClassic, classicIncrease);
}

function nativeOf(series: readonly TableSeries[], pod: string | null): CohortHistograms {
  const natives = series.filter((row) => formOf(row) === 'native');
  return over<NativeHistogram>(nativeTracks(natives, pod), emptyNative, nativeIncrease);
}

function over<T>(tracks: readonly Track<T>[], zero: T, difference: (before: T, after: T) => HistogramIncrease): CohortHistograms {
  return {
    poisoned: (edge) => poisonedIn(tracks, edge),
    increases: (edge) => {
      const watched = podsAt(tracks, edge);
      return tracks.flatMap((track) => {
        const step = stepOf(track, edge, watched, zero);
        return step ? [{ ...difference(step.before, step.after), pod: track.pod }] : [];
      });
    },
  };
}

interface Merged {
  readonly histogram: Histogram;
  readonly sum: number | null;
  /** by pod, in the order of their names; empty where some series names none */
  readonly pods: ReadonlyMap<string, Histogram>;
  readonly warnings: readonly string[];
}

function increaseOfCohort(histograms: CohortHistograms, cohort: CohortName, edge: number, query: string): Merged | CohortReading {
  const poisoned = histograms.poisoned(edge);
  if (poisoned > 0) return poison(cohort, poisoned, query);
  const [first, ...rest] = histograms.increases(edge);
  if (!first) return absent(cohort, query);
  const merged = rest.reduce<HistogramIncrease>(
    (all, one) => ({
      histogram: mergeHistograms(all.histogram, one.histogram),
      sum: all.sum === null || one.sum === null ? null : all.sum + one.sum,
      mended: all.mended + one.mended,
    }),
    first,
  );
  const mended =
    merged.mended === 0 ? [] : [`${merged.mended} bucket counts of ${shortened(query)} were not whole or not ascending and were mended`];
  const uneven = rest.some(({ histogram }) => !sameBounds(histogram, first.histogram));
  const coarser = uneven ? [`the ${cohort} series of ${shortened(query)} have unlike buckets; only bounds they share are used`] : [];
  return { histogram: merged.histogram, sum: merged.sum, pods: byPod([first, ...rest]), warnings: [...mended, ...coarser] };
}

function byPod(increases: readonly IncreaseOfPod[]): ReadonlyMap<string, Histogram> {
  const pods = new Map<string, Histogram>();
  for (const { pod, histogram } of increases) {
    if (pod === '') return new Map();
    const known = pods.get(pod);
    pods.set(pod, known ? mergeHistograms(known, histogram) : histogram);
  }
  return pods;
}

function distributions(
  { baseline, canary }: Record<CohortName, Merged | CohortReading>,
  query: string,
  at: readonly number[],
): Record<CohortName, CohortReading> {
  const readingOf = (found: Merged | CohortReading): CohortReading => distributionOf(found, at);
  if (!('histogram' in baseline) || !('histogram' in canary)) return { baseline: readingOf(baseline), canary: readingOf(canary) };
  const shared = both((cohort) => {
    const [own, other] = cohort === 'baseline' ? [baseline, canary] : [canary, baseline];
    return readingOf({ ...own, histogram: mergeHistograms(own.histogram, emptied(other.histogram)) });
  });
  if (sameBounds(baseline.histogram, canary.histogram)) return shared;
  const warning = `baseline and canary of ${shortened(query)} have unlike buckets; only bounds they share are used`;
  return { ...shared, canary: { ...shared.canary, warnings: [...shared.canary.warnings, warning] } };
}

function distributionOf(found: Merged | CohortReading, at: readonly number[]): CohortReading {
  if (!('histogram' in found)) return found;
  const { histogram, pods, warnings } = found;
  const tails = pods.size > 0 ? { pods: tailsOfParts(histogram, pods, at) } : {};
  return { sample: { kind: 'distribution', histogram, ...tails }, warnings };
}

function moments(found: Record<CohortName, Merged | CohortReading>, query: string): Record<CohortName, CohortReading> {
  return both((cohort) => {
    const own = found[cohort];
    if (!('histogram' in own)) return own;
    const approximate =
      own.sum === null && histogramCount(own.histogram) > 0
        ? [`the mean of ${shortened(query)} is estimated from buckets: there is no sum`]
        : [];
    return { sample: momentsOf(own.histogram, own.sum), warnings: [...own.warnings, ...approximate] };
  });
}

/** Exponential histograms of unlike scale merge without loss of anything but resolution: worth no warning. */
const sameBounds = (a: Histogram, b: Histogram): boolean =>
  a.kind !== 'explicit' ||
  b.kind !== 'explicit' ||
  (a.bounds.length === b.bounds.length && a.bounds.every((bound, i) => bound === b.bounds[i]));

const emptied = (histogram: Histogram): Histogram =>
  histogram.kind === 'explicit'
    ? { ...histogram, counts: histogram.counts.map(() => 0) }
    : { ...histogram, zeroCount: 0, offset: 0, counts: [] };
