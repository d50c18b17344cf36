import type { CohortName } from '../../domain/index.js';
import { type CohortSelection, newestSample } from './cohort-selection.js';
import { quote, type Selector } from './selector.js';
import { columnOf, type SeriesTable } from './series-table.js';

/** Series whose counters stood still: was nothing going on, or was nobody looking? */
export interface StillSeries {
  readonly selector: Selector;
  readonly suffixes: readonly string[];
}

/** Marks which of the joined questions a series answers. */
const markLabel = 'assay_question';

/** One query that says when the newest sample of each cohort was taken, for all these series. */
export const freshnessQuery = (still: readonly StillSeries[], selection: CohortSelection): string =>
  still
    .map(
      ({ selector, suffixes }, question) =>
        `label_replace(${newestSample(selector, selection, suffixes)}, ${quote(markLabel)}, ${quote(String(question))}, "", "")`,
    )
    .join(' or ');

/** Age in seconds of the newest sample of one cohort at an edge; null: there is none. */
export function newestAge(
  table: SeriesTable,
  question: number,
  cohort: CohortName,
  edge: number,
  { includes }: CohortSelection,
): number | null {
  const times = table.series
    .filter(({ labels }) => labels[markLabel] === String(question) && includes[cohort](labels))
    .map(({ values }) => values[columnOf(edge)])
    .filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  return times.length === 0 ? null : (table.edges[edge] ?? 0) / 1000 - Math.max(...times);
}
