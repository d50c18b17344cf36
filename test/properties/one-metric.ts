import fc from 'fast-check';
import { judge } from '../../src/analysis/judge.js';
import type { Evidence, Metric, Sample } from '../../src/domain/index.js';
import { everyMetric, templateOf, windowsFrom } from './any-run.js';

/** What both cohorts did on one metric in one window. */
export interface Pair {
  readonly baseline: Sample;
  readonly canary: Sample;
}

export const metricNamed = (name: string): Metric => {
  const metric = everyMetric.find((one) => one.name === name);
  if (!metric) throw new Error(`no metric ${name}`);
  return metric;
};

/** Evidence on one metric after all these windows. */
export function evidenceOn(metric: Metric, pairs: readonly Pair[]): readonly Evidence[] {
  const template = templateOf({ chosen: [metric] });
  const windows = windowsFrom(pairs.map((pair) => [{ metric: metric.name, ...pair, warnings: [] }]));
  return judge({ template, from: new Date(windows[0]?.from ?? 0) }, windows).evidence;
}

const buckets = 9;
const requests = fc.integer({ min: 1, max: 400 });
const distribution = fc.record({
  counts: fc.array(fc.nat({ max: 60 }), { minLength: buckets, maxLength: buckets }),
  first: fc.integer({ min: -2, max: 2 }),
});

/** Samples of the kind that a metric is made of, small and uneven. */
export function anySample(kind: Metric['kind']): fc.Arbitrary<Sample> {
  switch (kind) {
    case 'proportion':
      return requests.chain((total) => fc.nat({ max: total }).map((events): Sample => ({ kind: 'counts', total, events, pods: {} })));
    case 'percentiles':
      return distribution.map(({ counts, first }): Sample => {
        return { kind: 'distribution', histogram: { kind: 'exponential', scale: 2, zeroCount: 0, offset: first - 16, counts } };
      });
    case 'rate':
      return fc.nat({ max: 90 }).map((events): Sample => ({ kind: 'rate', events, exposure: 15 }));
    case 'mean':
      return fc
        .record({ count: requests, mean: fc.integer({ min: -400, max: 400 }), variance: fc.integer({ min: 0, max: 300 }) })
        .map(({ count, mean, variance }): Sample => ({ kind: 'moments', count, mean: 50 + mean / 32, variance: count > 1 ? variance : 0 }));
    case 'gauge':
      return fc.integer({ min: -800, max: 800 }).map((value): Sample => ({ kind: 'level', value: 200 + value / 32 }));
  }
}

export const anyPairs = (kind: Metric['kind'], most = 14): fc.Arbitrary<Pair[]> =>
  fc.array(fc.record({ baseline: anySample(kind), canary: anySample(kind) }), { minLength: 1, maxLength: most });
