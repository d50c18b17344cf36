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
