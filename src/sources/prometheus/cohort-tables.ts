import { type CohortName, cohortNames } from '../../domain/index.js';
import type { CohortSelection } from './cohort-selection.js';
import { columnOf, type SeriesTable, type TableSeries } from './series-table.js';

/** A query's answer, each series given to its cohort. */
export interface CohortTable {
  readonly table: SeriesTable;
  readonly series: Readonly<Record<CohortName, readonly TableSeries[]>>;
  /** why the cohorts cannot be told apart at these edges; null: they can */
  complaintAt(edges: readonly number[]): string | null;
}

/** Gives each series to the cohort whose conditions its labels meet. Series of neither cohort are left out. */
export function splitByCohort(table: SeriesTable, { includes, labels }: CohortSelection): CohortTable {
  const series: Record<CohortName, TableSeries[]> = { baseline: [], canary: [] };
  const shared: TableSeries[] = [];
  const unlabelled = new Set<TableSeries>();
  for (const row of table.series) {
    const owners = cohortNames.filter((cohort) => includes[cohort](row.labels));
    for (const cohort of owners) series[cohort].push(row);
    if (owners.length === 2) shared.push(row);
    if (!labels.some((label) => Object.hasOwn(row.labels, label))) unlabelled.add(row);
  }
  return {
    table,
    series,
    complaintAt: (edges) => {
      const both = shared.filter((row) => isAt(row, edges)).length;
      if (both > 0) return `${both} series belong to both cohorts: make the conditions of baseline and canary exclude each other`;
      const nameless =
        [...unlabelled].some((row) => isAt(row, edges)) && !table.series.some((row) => !unlabelled.has(row) && isAt(row, edges));
      if (!nameless) return null;
      return `the answer does not carry ${labels.join(', ')}: keep the label in the query, e.g. \`sum by (${labels.join(', ')}) (…)\``;
    },
  };
}

/** The series has a value at one of these edges. */
export const isAt = ({ values }: TableSeries, edges: readonly number[]): boolean =>
  edges.some((edge) => (values[columnOf(edge)] ?? null) !== null);
