import { type CohortName, cohortNames } from '../../domain/index.js';
import type { CohortSelection } from './cohort-selection.js';
import type { SeriesTable, TableSeries } from './series-table.js';

/** A query's answer, each series given to its cohort. */
export interface CohortTable {
  readonly table: SeriesTable;
  readonly series: Readonly<Record<CohortName, readonly TableSeries[]>>;
  /** why the cohorts cannot be told apart in this answer; null: they can */
  readonly complaint: string | null;
}

/** Gives each series to the cohort whose conditions its labels meet. Series of neither cohort are left out. */
export function splitByCohort(table: SeriesTable, { includes, labels }: CohortSelection): CohortTable {
  const series: Record<CohortName, TableSeries[]> = { baseline: [], canary: [] };
  let both = 0;
  for (const row of table.series) {
    const owners = cohortNames.filter((cohort) => includes[cohort](row.labels));
    if (owners.length === 2) both += 1;
    for (const cohort of owners) series[cohort].push(row);
  }
  return { table, series, complaint: complaintOf(table, both, labels) };
}

function complaintOf({ series }: SeriesTable, both: number, labels: readonly string[]): string | null {
  if (both > 0) return `${both} series belong to both cohorts: make the conditions of baseline and canary exclude each other`;
  const unlabelled = series.length > 0 && !series.some((row) => labels.some((label) => Object.hasOwn(row.labels, label)));
  if (!unlabelled) return null;
  return `the answer does not carry ${labels.join(', ')}: keep the label in the query, e.g. \`sum by (${labels.join(', ')}) (…)\``;
}
