import type {
  Cohorts,
  GaugeMetric,
  MeanMetric,
  PercentilesMetric,
  ProportionMetric,
  QuerySelection,
  RateMetric,
} from '../../src/domain/index.js';

const common = {
  title: null,
  role: 'critical',
  weight: 1,
  source: 'prometheus',
  harm: 'increase',
  margin: { relative: 0.1, absolute: 0 },
  limit: null,
  onNoData: { absent: 'hold', stale: 'hold', nan: 'hold', zero: 'ignore' },
  unit: 'ratio',
} as const;

const select = (query: string): QuerySelection => ({ type: 'query', query });

export const proportion = (events: string, of: string): ProportionMetric => ({
  ...common,
  name: 'errors',
  kind: 'proportion',
  events: select(events),
  of: select(of),
});

export const percentiles = (of: string): PercentilesMetric => ({
  ...common,
  name: 'latency',
  kind: 'percentiles',
  of: select(of),
  value: 'duration',
  at: [0.5, 0.95],
});

export const rate = (events: string, per: 'second' | string): RateMetric => ({
  ...common,
  name: 'rate',
  kind: 'rate',
  events: select(events),
  per: per === 'second' ? per : select(per),
});

export const mean = (of: string): MeanMetric => ({ ...common, name: 'mean', kind: 'mean', of: select(of), value: 'duration' });

export const gauge = (of: string): GaugeMetric => ({ ...common, name: 'level', kind: 'gauge', of: select(of) });

/** Cohorts told apart by one label. */
export const byLabel = (attribute: string, baseline: string, canary: string): Cohorts => ({
  baseline: [{ attribute, operator: '=', value: baseline }],
  canary: [{ attribute, operator: '=', value: canary }],
});

export const windowsOf = (from: number, count: number, lengthMs = 15_000): { from: number; to: number }[] =>
  Array.from({ length: count }, (_, i) => ({ from: from + i * lengthMs, to: from + (i + 1) * lengthMs }));
