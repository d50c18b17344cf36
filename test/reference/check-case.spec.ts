import { describe, expect, it } from '@jest/globals';
import { checkCase, type VectorCase } from '../../tools/vectors/check-case.mjs';

const vector = (expected: VectorCase['expected'], tolerance?: VectorCase['tolerance']): VectorCase => {
  return { id: 'x', method: 'm', inputs: {}, expected, ...(tolerance ? { tolerance } : {}) };
};

describe('checking an answer against a reference value', () => {
  it('allows for the tolerance and no more', () => {
    const hundred = vector({ value: 100 }, { rel: 1e-3, abs: 0.01 });
    expect(checkCase(hundred, { value: 100.1 })).toEqual([]);
    expect(checkCase(hundred, { value: 100.12 })).toEqual([{ path: 'value', expected: 100, got: 100.12 }]);
    expect(checkCase(vector({ value: 100 }), { value: 100.000001 })).toHaveLength(1);
  });

  it('takes null for unbounded or undefined, and nothing else', () => {
    expect(checkCase(vector({ upper: null }), { upper: Infinity })).toEqual([]);
    expect(checkCase(vector({ upper: null }), { upper: 5 })).toHaveLength(1);
    expect(checkCase(vector({ upper: 5 }), { upper: Number.NaN })).toHaveLength(1);
    expect(checkCase(vector({ upper: 5 }), {})).toHaveLength(1);
  });

  it('names the field that misses, however deep', () => {
    const nested = vector({ groups: { a: 1 }, ci: [0, 2], verdict: 'hold' }, { rel: 0, abs: 0 });
    expect(checkCase(nested, { groups: { a: 1 }, ci: [0, 3], verdict: 'promote' }).map((miss) => miss.path)).toEqual(['ci[1]', 'verdict']);
    expect(checkCase(nested, { groups: null, ci: [0], verdict: 'hold' }).map((miss) => miss.path)).toEqual(['groups', 'ci']);
    expect(checkCase(nested, undefined)).toHaveLength(1);
  });

  it('is laxer with the odds ratios that R solves to 1e-4', () => {
    const odds = vector({ p: 0.05, oddsRatioCmle: 2, orCi: [1, 4] }, { rel: 1e-9, abs: 0, oddsRatioRel: 1e-3 });
    expect(checkCase(odds, { p: 0.05, oddsRatioCmle: 2.001, orCi: [1.0005, 4.003] })).toEqual([]);
    expect(checkCase(odds, { p: 0.0501, oddsRatioCmle: 2, orCi: [1, 4] })).toHaveLength(1);
  });
});
