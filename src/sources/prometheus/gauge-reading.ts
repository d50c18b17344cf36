import type { GaugeMetric } from '../../domain/index.js';
import { absent, poison, type ReadCohort, shortened } from './cohort-reading.js';
import type { CohortTable } from './cohort-tables.js';
import { textOf } from './counter-readings.js';
import { columnOf } from './series-table.js';

/** The level at the end of each window: the mean of a cohort's series. Edge i of its table is the end of window i. */
export function readGauge(metric: GaugeMetric, { series }: CohortTable): ReadCohort {
  const query = textOf(metric.of);
  return (cohort, edge) => {
    const values = series[cohort].map(({ values }) => values[columnOf(edge)] ?? null).filter((value) => value !== null);
    const levels = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
    if (values.length === 0) return absent(cohort, query);
    if (levels.length < values.length) return poison(cohort, values.length - levels.length, query);
    const value = levels.reduce((sum, level) => sum + level / levels.length, 0);
    const averaged = levels.length === 1 ? [] : [`${shortened(query)} gives ${levels.length} series for the ${cohort}; their mean is used`];
    return { sample: { kind: 'level', value }, warnings: averaged };
  };
}
