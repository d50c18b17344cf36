import { describe, expect, it } from '@jest/globals';
import { judge } from '../../src/analysis/judge.js';
import type { Evidence, Metric, Sample } from '../../src/domain/index.js';
import { logGamma } from '../../src/statistics/index.js';
import { templateOf, windowsFrom } from './any-run.js';
import { metricNamed, type Pair } from './one-metric.js';

/** One way in which a window can turn out, and how likely that is. */
interface Outcome {
  readonly sample: Sample;
  readonly chance: number;
}

const counts = (total: number, rate: number): Outcome[] =>
  binomial(total, rate).map((chance, events) => ({ sample: { kind: 'counts', total, events, pods: {} }, chance }));

/** Above or below the one bound of a histogram. */
const durations = (total: number, slow: number): Outcome[] =>
  binomial(total, slow).map((chance, above) => {
    return { sample: { kind: 'distribution', histogram: { kind: 'explicit', bounds: [0.1], counts: [total - above, above] } }, chance };
  });

/** Beyond twelve events is less than a chance in a billion here. */
const events = (perWindow: number): Outcome[] =>
  Array.from({ length: 13 }, (_, count) => ({
    sample: { kind: 'rate', events: count, exposure: 15 },
    chance: Math.exp(count * Math.log(perWindow) - perWindow - logGamma(count + 1)),
  }));

function binomial(total: number, rate: number): number[] {
  return Array.from({ length: total + 1 }, (_, k) => {
    const choose = logGamma(total + 1) - logGamma(k + 1) - logGamma(total - k + 1);
    return Math.exp(choose) * rate ** k * (1 - rate) ** (total - k);
  });
}

interface World {
  readonly baseline: readonly Outcome[];
  readonly canary: readonly Outcome[];
}

/** Expected e-values after so many windows, over everything that can happen. History and order are what the product makes of them. */
function expectedE(metric: Metric, world: World, windows: number, history: readonly Pair[] = []): { harm: number[]; safe: number[] } {
  const pairs = world.baseline.flatMap((one) =>
    world.canary.map((other) => ({ pair: { baseline: one.sample, canary: other.sample }, chance: one.chance * other.chance })),
  );
  const sums = { harm: [] as number[], safe: [] as number[] };
  const visit = (seen: readonly Pair[], chance: number): void => {
    if (seen.length < windows) {
      for (const next of pairs) visit([...seen, next.pair], chance * next.chance);
      return;
    }
    evidenceAfter(metric, history, seen).forEach(({ logHarm, logSafe }, index) => {
      sums.harm[index] = (sums.harm[index] ?? 0) + chance * Math.exp(logHarm);
      sums.safe[index] = (sums.safe[index] ?? 0) + chance * Math.exp(logSafe);
    });
  };
  visit([], 1);
  return sums;
}

function evidenceAfter(metric: Metric, history: readonly Pair[], seen: readonly Pair[]): readonly Evidence[] {
  const all = windowsFrom([...history, ...seen].map((pair) => [{ metric: metric.name, ...pair, warnings: [] }]));
  const windows = all.slice(history.length);
  const run = { template: templateOf({ chosen: [metric] }), from: new Date(windows[0]?.from ?? 0) };
  return judge(run, windows, { history: all.slice(0, history.length), intervals: 'none' }).evidence;
}

/** The baseline before the run: errors that come in bursts, so that evidence is tempered. */
const bursts = Array.from({ length: 20 }, (_, index): Pair => {
  const sample: Sample = { kind: 'counts', total: 100, events: index % 5 === 0 ? 12 : 0, pods: {} };
  return { baseline: sample, canary: sample };
});

const half = Array.from({ length: 8 }, (): Pair => {
  const sample: Sample = { kind: 'distribution', histogram: { kind: 'explicit', bounds: [0.1], counts: [50, 50] } };
  return { baseline: sample, canary: sample };
});

const errors: Metric = { ...metricNamed('errors'), margin: { relative: 0.25, absolute: 0.02 } };
const canaryAtMargin = (rate: number): number => 1.25 * rate + 0.02;
const conversion: Metric = { ...metricNamed('conversion'), margin: { relative: 0.1, absolute: 0.02 } };
const median: Metric = { ...metricNamed('latency'), margin: { relative: 0, absolute: 0 }, at: [0.5] } as Metric;
const retries: Metric = { ...metricNamed('retries'), margin: { relative: 0.5, absolute: 0.01 } };

const atTheMargin: readonly (readonly [string, Metric, World, number, readonly Pair[]])[] = [
  ['errors, two windows', errors, { baseline: counts(4, 0.2), canary: counts(3, canaryAtMargin(0.2)) }, 2, []],
  ['errors, three small windows', errors, { baseline: counts(2, 0.5), canary: counts(2, canaryAtMargin(0.5)) }, 3, []],
  ['errors after bursts', errors, { baseline: counts(4, 0.1), canary: counts(3, canaryAtMargin(0.1)) }, 2, bursts],
  ['errors that never come in the baseline', errors, { baseline: counts(4, 0), canary: counts(5, canaryAtMargin(0)) }, 2, []],
  ['a falling conversion', conversion, { baseline: counts(4, 0.6), canary: counts(3, 0.9 * 0.6 - 0.02) }, 2, []],
  ['errors against a limit', metricNamed('errors-limit'), { baseline: counts(1, 0), canary: counts(6, 0.02) }, 3, []],
  ['a slower median', median, { baseline: durations(4, 0.4), canary: durations(3, 0.4) }, 2, half],
  ['retries', retries, { baseline: events(1), canary: events(1.5 + 0.15) }, 1, []],
];

describe('what the product is expected to win, counted out over every outcome', () => {
  it.each(atTheMargin)('is nothing while the canary is exactly at the margin: %s', (_, metric, world, windows, history) => {
    const { harm, safe } = expectedE(metric, world, windows, history);
    expect(harm.length).toBeGreaterThan(0);
    for (const expected of [...harm, ...safe]) {
      expect(expected).toBeLessThanOrEqual(1 + 1e-9);
      expect(expected).toBeGreaterThan(0.5); // and the bet is a real one
    }
  });

  it('is nothing for harm while the canary is better, and nothing for safety while it is worse', () => {
    const better = { baseline: counts(4, 0.2), canary: counts(3, 0.1) };
    const worse = { baseline: counts(4, 0.2), canary: counts(3, 0.6) };
    expect(expectedE(errors, better, 2).harm[0]).toBeLessThanOrEqual(1);
    expect(expectedE(errors, worse, 2).safe[0]).toBeLessThanOrEqual(1);
    expect(expectedE(errors, better, 2).safe[0]).toBeGreaterThan(1);
    expect(expectedE(errors, worse, 2).harm[0]).toBeGreaterThan(1);
  });
});
