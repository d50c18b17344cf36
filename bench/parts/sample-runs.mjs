// Runs to judge: ten metrics, windows drawn from a fixed seed, a canary that is like its baseline.
import { seeded } from './timing.mjs';

const from = Date.UTC(2026, 0, 1);
const windowSeconds = 15;
const hold = { absent: 'hold', stale: 'hold', nan: 'hold', zero: 'hold' };
const spans = { type: 'pushed', instrument: null, matchers: [] };
const common = { title: null, role: 'critical', weight: 1, source: 'traces', harm: 'increase', limit: null, onNoData: hold };

const metric = {
  proportion: (name) => ({
    ...common,
    kind: 'proportion',
    name,
    unit: 'ratio',
    margin: { relative: 0.1, absolute: 0.0005 },
    events: spans,
    of: spans,
  }),
  percentiles: (name) => ({
    ...common,
    kind: 'percentiles',
    name,
    unit: 's',
    margin: { relative: 0.1, absolute: 0 },
    of: spans,
    value: 'duration',
    at: [0.95],
  }),
  rate: (name) => ({ ...common, kind: 'rate', name, unit: '1/s', margin: { relative: 0.3, absolute: 0 }, events: spans, per: 'second' }),
  mean: (name) => ({ ...common, kind: 'mean', name, unit: 'EUR', margin: { relative: 0.1, absolute: 0 }, of: spans, value: 'basket' }),
  gauge: (name) => ({ ...common, kind: 'gauge', name, unit: 'MB', margin: { relative: 0.1, absolute: 0 }, of: spans }),
};

const sample = {
  proportion: (requests, random) => ({ kind: 'counts', total: requests, events: Math.floor(0.01 * requests * random()), pods: {} }),
  percentiles: (requests, random) => ({ kind: 'distribution', histogram: durations(requests, random) }),
  rate: (_, random) => ({ kind: 'rate', events: Math.floor(40 * random()), exposure: windowSeconds }),
  mean: (requests, random) => ({ kind: 'moments', count: requests, mean: 50 + random(), variance: 400 }),
  gauge: (_, random) => ({ kind: 'level', value: 200 + 10 * random() }),
};

const scale = 5;
const sigma = 0.6;

/** Log-normal around 100 ms in the resolution in which spans are kept, three standard deviations to each side. */
function durations(requests, random) {
  const width = Math.LN2 / 2 ** scale;
  const reach = Math.ceil((3 * sigma) / width);
  const densest = (requests * width) / (sigma * Math.sqrt(2 * Math.PI));
  const counts = Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const distance = ((i - reach) * width) / sigma;
    return Math.floor(densest * Math.exp((-distance * distance) / 2) * 2 * random() + 0.5);
  });
  return { kind: 'exponential', scale, zeroCount: 0, offset: Math.floor(Math.log2(0.1) * 2 ** scale) - reach, counts };
}

/** A run of these kinds of metrics; the deadline is two hours, so that 480 windows fit. */
export function runOf(kinds) {
  const schedule = { windowSeconds, latenessSeconds: 5, warmupSeconds: 0, minDurationSeconds: 7200, minSamples: 100 };
  const template = {
    name: 'bench',
    cohorts: { by: 'service.version', pod: null },
    schedule: { ...schedule, deadlineSeconds: 7200, onDeadline: 'hold', staleAfterSeconds: 60, bakeSeconds: 0 },
    budget: { falseRollback: 0.01, falsePromote: 0.05 },
    phases: [],
    metrics: kinds.map((kind, index) => metric[kind](`${kind}-${index}`)),
  };
  return { template, from: new Date(from) };
}

/** Contiguous windows of a run, each with both cohorts of every metric: 100 requests a second, a tenth of them the canary's. */
export function windowsOf({ template }, count, seed) {
  const random = seeded(seed);
  const read = ({ name, kind }) => {
    const draw = (requests) => sample[kind](Math.floor(requests * (0.8 + 0.4 * random())), random);
    return { metric: name, baseline: draw(1350), canary: draw(150), warnings: [] };
  };
  return Array.from({ length: count }, (_, index) => {
    const begins = from + index * windowSeconds * 1000;
    return { from: begins, to: begins + windowSeconds * 1000, weight: null, phase: 0, measurements: template.metrics.map(read) };
  });
}

export const tenOf = (kind) => new Array(10).fill(kind);

/** What a template holds in practice. */
export const tenMixed = [...new Array(4).fill('proportion'), ...new Array(3).fill('percentiles'), 'rate', 'mean', 'gauge'];
