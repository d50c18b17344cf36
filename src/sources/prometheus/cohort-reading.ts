import type { CohortName, Gap, Sample } from '../../domain/index.js';

/** What one cohort did in one window, and what people should know about it. */
export interface CohortReading {
  readonly sample: Sample | Gap;
  readonly warnings: readonly string[];
}

/** Reads a cohort in the window that starts at an edge. */
export type ReadCohort = (cohort: CohortName, edge: number) => CohortReading;

/** Both cohorts at once, where what one has decides how the other is read. */
export type ReadBoth = (edge: number) => Readonly<Record<CohortName, CohortReading>>;

export const gap = (cause: Gap['cause'], detail: string): CohortReading => ({ sample: { kind: 'gap', cause, detail }, warnings: [] });

export const absent = (cohort: CohortName, query: string): CohortReading =>
  gap('absent', `no series of ${shortened(query)} for the ${cohort}`);

export const poison = (cohort: CohortName, series: number, query: string): CohortReading =>
  gap('nan', `${series} ${cohort} series of ${shortened(query)} are NaN, infinite, negative or of an unknown form`);

export const roundedDown = (series: number, query: string): string[] =>
  series === 0 ? [] : [`${series} increases of ${shortened(query)} were not whole numbers and were rounded down`];

/** Long queries make unreadable sentences. */
export const shortened = (query: string): string => (query.length > 120 ? `${query.slice(0, 117)}…` : query);
