import type { Attributes } from '../domain/index.js';
import { severities } from './log-severity.js';
import { spanKinds, spanStatuses } from './observation-batch.js';

/** The attribute that an overflow cell has instead of those that would tell its observations apart. */
export const overflowAttribute = 'otel.metric.overflow';
export const unknownService = 'unknown_service';

/** How many cells of one signal or metric each cohort may have in a window, and which attributes tell cohorts apart. */
export interface CohortCap {
  readonly by: readonly string[];
  readonly mostSeries: number;
}

/** What the specification of this service asks for, where nothing else is set. */
export const usualCohortCap: CohortCap = { by: ['service.version'], mostSeries: 1_000 };

/** Cohorts of a service that have an overflow series of their own; those after them share one. */
export const mostCohortsOfService = 50;

export interface LabelledSeries {
  readonly service: string;
  readonly attributes: Attributes;
}

/** Attributes of what could not get a cell of its own, where its cohort is not known either. */
export const overflowSeriesOf = (service: string): LabelledSeries => ({
  service,
  attributes: { [overflowAttribute]: 'true', 'service.name': service },
});

/** What an attribute can be, where that is few words: an overflow series keeps it, so that errors are still told from the rest. */
export const fewWords: Readonly<Record<string, readonly string[]>> = { kind: spanKinds, status: spanStatuses, severity: severities };

/** The attributes that the overflow series of a cohort has: those of the cohort, and those that have few values anyhow. */
export function cohortOverflow(service: string, attributes: Attributes, by: readonly string[]): Attributes {
  const few = Object.keys(fewWords).filter((name) => fewWords[name]?.includes(attributes[name] ?? ''));
  const kept = [...by, ...few].flatMap((name) => (attributes[name] === undefined ? [] : [[name, attributes[name]] as const]));
  return { ...Object.fromEntries(kept), ...overflowSeriesOf(service).attributes };
}
