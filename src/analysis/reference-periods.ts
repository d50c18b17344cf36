import {
  type CohortRule,
  type EarlierBaseline,
  type Gap,
  isGap,
  type Matcher,
  type MeasuredWindow,
  type Measurement,
  type Run,
  type Sample,
  type TimeSlice,
} from '../domain/index.js';
import { type Histogram, mergeHistograms } from '../statistics/index.js';

/** Whoever it was: all traffic of the metric's own selection. */
export const anybody = ({ by }: CohortRule): Matcher => ({ attribute: by, operator: '=~', value: '.*' });

/** The run named no baseline. */
export const isAnybody = ({ cohorts, template }: Pick<Run, 'cohorts' | 'template'>): boolean =>
  template.cohorts.baseline !== undefined && cohorts.baseline.some(({ operator }) => operator === '=~');

/** No value matches: the side of a reading that nobody asked for. */
const nobody = ({ by }: CohortRule): Matcher => ({ attribute: by, operator: '=~', value: '[^\\x00-\\x{10FFFF}]' });

/** Reads some windows of a run as if both of its cohorts ran at the same time. */
export type ReadWindows<T> = (run: Run, slices: readonly TimeSlice[]) => T;

/** The questions of a run whose baseline is earlier: its canary now, and its baseline in each reference period, the nearest first. */
export function readingsOf<T>(
  run: Run,
  earlier: EarlierBaseline,
  slices: readonly TimeSlice[],
  read: ReadWindows<T>,
): { now: T; past: T[] } {
  const rule = run.template.cohorts;
  const as = (cohorts: Run['cohorts']): Run => ({ ...run, cohorts });
  const periods = Array.from({ length: earlier.references }, (_, index) => (index + 1) * earlier.beforeSeconds * 1000);
  return {
    now: read(as({ baseline: [nobody(rule)], canary: run.cohorts.canary }), slices),
    past: periods.map((ms) =>
      read(
        as({ baseline: run.cohorts.baseline, canary: [nobody(rule)] }),
        slices.map(({ from, to }) => ({ from: from - ms, to: to - ms })),
      ),
    ),
  };
}

/** Windows of now, with what the baseline did at the same time of the reference periods. Cohorts of unlike times have no split and no mix. */
export function besidePast(now: readonly MeasuredWindow[], past: readonly (readonly MeasuredWindow[])[]): MeasuredWindow[] {
  return now.map((window, index) => ({
    ...window,
    measurements: window.measurements.map((measurement) =>
      withReferences(
        measurement,
        past.flatMap((period) => period[index]?.measurements.find(({ metric }) => metric === measurement.metric) ?? []),
      ),
    ),
    traffic: null,
  }));
}

function withReferences({ metric, canary, warnings }: Measurement, periods: readonly Measurement[]): Measurement {
  const references = periods.map(({ baseline }) => baseline);
  const all = [...new Set([...warnings, ...periods.flatMap((period) => period.warnings)])];
  return { metric, baseline: together(references), canary, references, warnings: all };
}

/** A period that could not be read spoils the window; one without traffic only adds nothing. */
function together(references: readonly (Sample | Gap)[]): Sample | Gap {
  const unread = references.find((reference) => isGap(reference) && reference.cause !== 'absent' && reference.cause !== 'zero');
  if (unread) return unread;
  const [first, ...rest] = references.filter((reference) => !isGap(reference));
  if (!first) return { kind: 'gap', cause: 'absent', detail: `no baseline telemetry in any of the ${references.length} reference periods` };
  return rest.reduce<Sample | Gap>(sumOf, first);
}

function sumOf(sofar: Sample | Gap, next: Sample): Sample | Gap {
  if (sofar.kind === 'counts' && next.kind === 'counts')
    return { kind: 'counts', total: sofar.total + next.total, events: sofar.events + next.events, pods: {} };
  if (sofar.kind === 'rate' && next.kind === 'rate')
    return { kind: 'rate', events: sofar.events + next.events, exposure: sofar.exposure + next.exposure };
  if (sofar.kind === 'distribution' && next.kind === 'distribution') return mergedIfAlike(sofar.histogram, next.histogram);
  return { kind: 'gap', cause: 'unavailable', detail: 'the reference periods were measured in different ways' };
}

const mergedIfAlike = (one: Histogram, other: Histogram): Sample | Gap =>
  one.kind === other.kind
    ? { kind: 'distribution', histogram: mergeHistograms(one, other) }
    : {
        kind: 'gap',
        cause: 'unavailable',
        detail: 'the reference periods have explicit and exponential histograms, which cannot be merged',
      };
