import fc from 'fast-check';
import type { Gap, Guards, MeasuredWindow, Measurement, Metric, Sample, Template } from '../../src/domain/index.js';
import { randomNormal, randomPoisson, seededRandom } from '../support/random.js';

/** What a judge is given. */
export interface AnyRun {
  readonly run: { readonly template: Template; readonly from: Date };
  readonly history: readonly MeasuredWindow[];
  readonly windows: readonly MeasuredWindow[];
}

const start = Date.UTC(2026, 10, 1);
const windowSeconds = 15;
const hold = { absent: 'hold', stale: 'hold', nan: 'hold', zero: 'hold' } as const;
const spans = { type: 'pushed', instrument: null, matchers: [] } as const;
const errors = { ...spans, matchers: [{ attribute: 'status', operator: '=', value: 'error' }] } as const;

const shared = {
  title: null,
  role: 'critical',
  weight: 1,
  source: 'traces',
  harm: 'increase',
  margin: { relative: 0.25, absolute: 0.002 },
  limit: null,
  onNoData: hold,
} as const;
const proportion: Metric = { ...shared, kind: 'proportion', name: 'errors', unit: 'ratio', events: errors, of: spans };
const percentiles: Metric = { ...shared, kind: 'percentiles', name: 'latency', unit: 's', of: spans, value: 'duration', at: [0.5, 0.95] };
const rate: Metric = { ...shared, kind: 'rate', name: 'retries', unit: '1/s', events: errors, per: 'second' };
const mean: Metric = { ...shared, kind: 'mean', name: 'basket', unit: 'EUR', of: spans, value: 'basket.value' };
const gauge: Metric = { ...shared, kind: 'gauge', name: 'heap', unit: 'MB', of: { ...spans, instrument: 'heap' } };

/** Every kind of question that a template can ask. */
export const everyMetric: readonly Metric[] = [
  proportion,
  { ...proportion, name: 'conversion', harm: 'decrease', margin: { relative: 0.05, absolute: 0 } },
  { ...proportion, name: 'cache-hits', harm: 'either', weight: 3 },
  { ...proportion, name: 'errors-limit', margin: null, limit: 0.02 },
  percentiles,
  { ...percentiles, name: 'latency-limit', margin: null, limit: 0.4, at: [0.9] },
  { ...percentiles, name: 'throughput', harm: 'either', at: [0.5], role: 'informational' },
  rate,
  { ...rate, name: 'retries-limit', margin: null, limit: 3 },
  { ...mean, margin: { relative: 0.05, absolute: 1 } },
  { ...mean, name: 'items', harm: 'either' },
  { ...gauge, onNoData: { ...hold, absent: 'ignore' } },
  { ...gauge, name: 'queue', harm: 'either', margin: { relative: 0.1, absolute: 2 }, role: 'weighted' },
];

/** How a run is laid out; its numbers follow from the seed. */
interface Layout extends Design {
  readonly seed: number;
  readonly count: number;
  readonly historyCount: number;
  readonly gaps: number;
  readonly canaryHarm: number;
  readonly weighs: boolean;
  readonly explicit: boolean;
}

/** What the template says. */
interface Design {
  readonly chosen: readonly Metric[];
  readonly warmupWindows: number;
  readonly bakeWindows: number;
  readonly phases: number;
  readonly guards: Guards | null;
  /** reference periods of an earlier baseline; 0: the baseline runs beside the canary */
  readonly references: number;
  readonly pods: boolean;
}

const plain: Omit<Design, 'chosen'> = { warmupWindows: 0, bakeWindows: 0, phases: 0, guards: null, references: 0, pods: false };

/** Runs of all designs: gaps, phases, changing weights, warm-up, bake, earlier baselines, guards, pods. */
export const anyRun = (mostWindows: number): fc.Arbitrary<AnyRun> =>
  fc
    .record({
      seed: fc.nat(),
      chosen: fc.uniqueArray(fc.constantFrom(...everyMetric), { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
      count: fc.integer({ min: 1, max: mostWindows }),
      historyCount: fc.constantFrom(0, 0, 12),
      gaps: fc.constantFrom(0, 0.1, 0.4),
      canaryHarm: fc.constantFrom(1, 1, 1.4, 3),
      warmupWindows: fc.constantFrom(0, 0, 3),
      bakeWindows: fc.constantFrom(0, 10),
      phases: fc.constantFrom(0, 0, 3),
      weighs: fc.boolean(),
      guards: fc.constantFrom(null, {
        sampleRatio: { tolerance: 0.02 },
        mix: { by: 'http.route', tolerance: { relative: 0.1, absolute: 0.02 } },
      }),
      references: fc.constantFrom(0, 0, 0, 4),
      pods: fc.boolean(),
      explicit: fc.boolean(),
    })
    .map(runOf);

function runOf(layout: Layout): AnyRun {
  const random = seededRandom(layout.seed);
  const template = templateOf(layout);
  const windowOf = (index: number): MeasuredWindow => drawWindow(layout, template, index, random);
  const history = Array.from({ length: layout.historyCount }, (_, index) => windowOf(index - layout.historyCount));
  return {
    run: { template, from: new Date(start) },
    history,
    windows: Array.from({ length: layout.count }, (_, index) => windowOf(index)),
  };
}

/** A template of this design; what is left out, it does without. */
export function templateOf(design: Partial<Design> & Pick<Design, 'chosen'>): Template {
  const { chosen, warmupWindows, bakeWindows, phases, guards, references, pods } = { ...plain, ...design };
  const looser = { relative: 0.6, absolute: 0.01 };
  const margins = Object.fromEntries(chosen.filter(({ margin }) => margin !== null).map(({ name }) => [name, looser]));
  return {
    name: 'any',
    title: null,
    description: null,
    labels: {},
    hash: `sha256:${'0'.repeat(64)}`,
    arguments: {},
    cohorts: {
      by: 'service.version',
      pod: pods ? 'k8s.pod.name' : null,
      ...(references > 0 ? { baseline: { beforeSeconds: 86_400, references, promote: true } } : {}),
    },
    schedule: {
      windowSeconds,
      latenessSeconds: 5,
      warmupSeconds: warmupWindows * windowSeconds,
      minDurationSeconds: 60,
      minSamples: 100,
      deadlineSeconds: 900,
      onDeadline: 'promote-if-bounded',
      staleAfterSeconds: 60,
      bakeSeconds: bakeWindows * windowSeconds,
    },
    budget: { falseRollback: 0.01, falsePromote: 0.05 },
    phases: Array.from({ length: phases }, (_, index) => ({ weight: (index + 1) / phases, margins: index + 1 < phases ? margins : {} })),
    metrics: chosen,
    ...(guards ? { guards } : {}),
  };
}

/** Contiguous windows with these readings. */
export const windowsFrom = (readings: readonly (readonly Measurement[])[]): MeasuredWindow[] =>
  readings.map((measurements, index) => ({ ...sliceAt(index), weight: null, phase: 0, measurements }));

function sliceAt(index: number): { from: number; to: number } {
  const from = start + index * windowSeconds * 1000;
  return { from, to: from + windowSeconds * 1000 };
}

function drawWindow(layout: Layout, template: Template, index: number, random: () => number): MeasuredWindow {
  const phase = Math.min(Math.max(0, layout.phases - 1), Math.max(0, Math.floor(index / 12)));
  const share = template.phases[phase]?.weight ?? 0.5;
  return {
    ...sliceAt(index),
    weight: layout.weighs ? share : null,
    phase,
    measurements: template.metrics.map((metric) => drawReading(layout, metric, share, random)),
    ...(layout.guards && index % 7 !== 3 ? { traffic: drawTraffic(share, random) } : {}),
  };
}

function drawReading(layout: Layout, metric: Metric, share: number, random: () => number): Measurement {
  const draw = (requests: number, harm: number): Sample | Gap => {
    if (random() < layout.gaps) return { kind: 'gap', cause: random() < 0.5 ? 'absent' : 'unavailable', detail: 'nothing came' };
    return drawSample(layout, metric, randomPoisson(requests, random), harm, random);
  };
  const baseline = draw(600 * (1 - share), 1);
  const canary = draw(600 * share, layout.canaryHarm);
  const references = Array.from({ length: layout.references }, () => draw(600, 1));
  return {
    metric: metric.name,
    baseline,
    canary,
    warnings: random() < 0.05 ? ['late'] : [],
    ...(layout.references > 0 ? { references } : {}),
  };
}

function drawSample({ pods, explicit }: Layout, metric: Metric, requests: number, harm: number, random: () => number): Sample {
  switch (metric.kind) {
    case 'proportion': {
      const events = Math.min(requests, randomPoisson(0.01 * harm * requests, random));
      const half = { total: Math.floor(requests / 2), events: Math.min(events, Math.floor(requests / 2)) };
      const rest = { total: requests - half.total, events: events - half.events };
      return { kind: 'counts', total: requests, events, pods: pods ? { a: half, b: rest } : {} };
    }
    case 'percentiles': {
      const counts = [1, 3, 8, 18, 40, 18, 8, 3, 1].map((part) => randomPoisson((part * requests) / 100, random));
      const slower = Math.round(4 * Math.log2(harm));
      if (explicit)
        return { kind: 'distribution', histogram: { kind: 'explicit', bounds: [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8], counts } };
      return { kind: 'distribution', histogram: { kind: 'exponential', scale: 2, zeroCount: 0, offset: slower - 16, counts } };
    }
    case 'rate':
      return { kind: 'rate', events: randomPoisson(20 * harm, random), exposure: windowSeconds };
    case 'mean':
      return { kind: 'moments', count: requests, mean: 50 / harm + randomNormal(random), variance: requests > 1 ? 400 : 0 };
    case 'gauge':
      return { kind: 'level', value: 200 * harm + 10 * randomNormal(random) };
  }
}

function drawTraffic(share: number, random: () => number): MeasuredWindow['traffic'] {
  const slices = (requests: number): Record<string, number> => ({
    '/': randomPoisson(0.7 * requests, random),
    '/cart': randomPoisson(0.3 * requests, random),
  });
  return { attribute: 'http.route', baseline: slices(600 * (1 - share)), canary: slices(600 * share) };
}
