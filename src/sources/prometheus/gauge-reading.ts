import type { GaugeMetric, OfPods } from '../../domain/index.js';
import { absent, poison, type ReadCohort, shortened } from './cohort-reading.js';
import type { CohortTable } from './cohort-tables.js';
import { textOf } from './counter-readings.js';
import { columnOf } from './series-table.js';
import { podOf } from './track.js';

/** The level at the end of each window: the mean of a cohort's series. Edge i of its table is the end of window i. */
export function readGauge(metric: GaugeMetric, { series }: CohortTable, pod: string | null): ReadCohort {
  const query = textOf(metric.of);
  return (cohort, edge) => {
    const values = series[cohort].flatMap(({ labels, values }) => {
      const value = values[columnOf(edge)] ?? null;
      return value === null ? [] : [{ pod: podOf(labels, pod), value }];
    });
    const levels = values.flatMap(({ pod, value }) => (typeof value === 'number' && Number.isFinite(value) ? [{ pod, value }] : []));
    if (values.length === 0) return absent(cohort, query);
    if (levels.length < values.length) return poison(cohort, values.length - levels.length, query);
    const averaged = levels.length === 1 ? [] : [`${shortened(query)} gives ${levels.length} series for the ${cohort}; their mean is used`];
    return { sample: { kind: 'level', value: meanOf(levels), ...podsOf(levels) }, warnings: averaged };
  };
}

interface Level {
  /** '' where its series names none */
  readonly pod: string;
  readonly value: number;
}

const meanOf = (levels: readonly Level[]): number => levels.reduce((sum, { value }) => sum + value / levels.length, 0);

/** The level of each pod, by name in order; nothing where some series names none. */
function podsOf(levels: readonly Level[]): { readonly pods?: OfPods<number> } {
  const names = [...new Set(levels.map(({ pod }) => pod))].sort();
  if (names.includes('')) return {};
  return { pods: Object.fromEntries(names.map((name) => [name, meanOf(levels.filter(({ pod }) => pod === name))])) };
}
