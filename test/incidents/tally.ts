import { type CohortName, cohortNames } from '../../src/domain/index.js';
import { endNanos, type Incident, incidentLengthMs, type RecordedRequest } from './incident.js';

/** Requests of one pod that ended in one interval. */
export interface Tally {
  readonly cohort: CohortName;
  readonly pod: string;
  /** 1-based: the interval ends `sequence` intervals after the start */
  readonly sequence: number;
  readonly requests: number;
  readonly errors: number;
  readonly durationsSeconds: readonly number[];
}

/** What each pod's counters gain in each interval of the incident; every pod has every interval, also where nothing happened. */
export function tallies(incident: Incident, everyMs: number): Tally[] {
  const intervals = incidentLengthMs(incident, everyMs) / everyMs;
  return cohortNames.flatMap((cohort) =>
    Object.entries(Object.groupBy(incident.requests[cohort], ({ pod }) => pod)).flatMap(([pod, requests = []]) => {
      const ended = Map.groupBy(requests, (request) => Math.floor(endNanos(request) / 1e6 / everyMs));
      return Array.from({ length: intervals }, (_, index) => tally(cohort, pod, index + 1, ended.get(index) ?? []));
    }),
  );
}

function tally(cohort: CohortName, pod: string, sequence: number, ended: readonly RecordedRequest[]): Tally {
  return {
    cohort,
    pod,
    sequence,
    requests: ended.length,
    errors: ended.filter(({ failed }) => failed).length,
    durationsSeconds: ended.map(({ durationNanos }) => durationNanos / 1e9),
  };
}

/** Bounds of classic buckets, 8 an octave from 0.5 ms to 64 s (each 9 % above the one before), in seconds; some are powers of two. */
export const fineBounds: readonly number[] = Array.from({ length: 17 * 8 + 1 }, (_, index) =>
  Number((2 ** (index / 8 - 11)).toPrecision(6)),
);

/** @returns how many values lie in each bucket; the last is unbounded above */
export function bucketCounts(values: readonly number[], bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const index = bounds.findIndex((bound) => value <= bound);
    const bucket = index < 0 ? bounds.length : index;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
