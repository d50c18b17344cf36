import { expect, it } from '@jest/globals';
import type { Evidence } from '../domain/index.js';
import { metricInWords } from './in-words.js';
import { inSeconds } from './quantity.js';

it.each([
  [95, '95 s'],
  [105, '1 min 45 s'],
  [120, '2 min'],
  [599.6, '10 min'],
  [840, '14 min'],
  [7_500, '2 h 5 min'],
])('does not say 2 min for 105 s: %d s are %s', (seconds, words) => {
  expect(inSeconds(seconds)).toBe(words);
});

it('does not compare no value with no value', () => {
  const silent = { count: 0, value: null };
  const metric = { name: 'error-rate', baseline: silent, canary: silent, warnings: [] } as unknown as Evidence;
  expect(metricInWords(metric)).toBe('error-rate: nothing was observed');
});

it('names the side that a mistyped version leaves silent, also where the run ends before it counts as missing', () => {
  const silent = { count: 0, value: null };
  const metric = { name: 'error-rate', baseline: silent, canary: silent, warnings: ['no baseline telemetry'] } as unknown as Evidence;
  expect(metricInWords(metric)).toBe('error-rate: nothing to judge: no baseline telemetry');
});

const latency = {
  name: 'latency p50',
  unit: 's',
  effectKind: 'ratio',
  margin: 0.2,
  baseline: { count: 286, value: 0.114 },
  canary: { count: 297, value: 0.000475 },
} as const;
const said = (change: Partial<Evidence>): string => metricInWords({ ...latency, ...change } as unknown as Evidence);

it('does not write a fall as if it were a rise', () => {
  expect(said({ direction: 'decrease', effect: { low: 0.864, high: 0.996, estimate: 0.99 } })).toContain(
    'canary 0.475 ms against 114 ms, change between -99.6 % and -86.4 %, margin -20 %',
  );
});

it.each<[Partial<Evidence>, string]>([
  [{ direction: 'increase', effect: { low: -1, high: Number.POSITIVE_INFINITY, estimate: 0 } }, 'change not bounded yet, margin 20 %'],
  [{ direction: 'increase', effect: { low: -1, high: -0.5, estimate: 0 } }, 'change at most -50 %'],
  [{ direction: 'decrease', effect: { low: Number.NEGATIVE_INFINITY, high: 1, estimate: 0 } }, 'change not bounded yet'],
  [
    { direction: 'increase', effectKind: 'difference', unit: 'ratio', effect: { low: -1, high: 0.02, estimate: 0 } },
    'difference at most 2 pp',
  ],
])('does not tell bounds that every change is within: %#', (change, words) => {
  expect(said(change)).toContain(words);
});

it('says of a rate of which nothing happened that it is 0, not that nothing was seen', () => {
  const none = { count: 0, value: 0 };
  expect(
    said({
      canary: none,
      baseline: none,
      unit: '1/s',
      effectKind: 'level',
      direction: 'increase',
      margin: 1,
      effect: { low: 0, high: 0.1, estimate: 0 },
    }),
  ).toMatch(/^latency p50: canary 0 1\/s, true value between 0 1\/s and 0.1 1\/s/);
});
