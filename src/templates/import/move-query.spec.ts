import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Bound } from './condition/read-condition.js';
import { type MovedQuery, moveQuery } from './move-query.js';

const cohort = { label: 'version', picks: ({ label }: { label: string }): boolean => label === 'version' };
const moving = (query: string, bound: Bound): MovedQuery | null => {
  const moved = moveQuery(query, bound, cohort);
  return 'why' in moved ? null : moved;
};

const failed = 'sum(rate(r{code=~"5.."}[1m]))';
const well = 'sum(rate(r{code!~"5.."}[1m]))';
const all = 'sum(rate(r[1m]))';

/** Each answers in its own way for the same share of failures. */
const ways: readonly { readonly query: string; readonly answer: (failing: number) => number }[] = [
  { query: `${failed} / ${all}`, answer: (failing) => failing },
  { query: `100 * ${failed} / ${all}`, answer: (failing) => 100 * failing },
  { query: `${well} / ${all} * 100`, answer: (failing) => 100 * (1 - failing) },
  { query: `100 - ${well} / ${all} * 100`, answer: (failing) => 100 * failing },
  { query: `1 - ${failed} / ${all}`, answer: (failing) => 1 - failing },
  { query: `(1 - ${well} / ${all}) * 1000`, answer: (failing) => 1000 * failing },
];

describe('a share with a limit', () => {
  it.each(ways)('$query: is within it before and after', ({ query, answer }) => {
    const shares = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(shares, shares, fc.constantFrom('max' as const, 'min' as const), (failing, limit, side) => {
        fc.pre(Math.abs(failing - limit) > 1e-6);
        const moved = moving(query, { side, value: answer(limit), strict: false });
        const counted = (moved?.kind['proportion'] as { events: string } | undefined)?.events.includes('=~') ? failing : 1 - failing;
        const isWithin = side === 'max' ? answer(failing) <= answer(limit) : answer(failing) >= answer(limit);
        expect(moved?.harm === 'decrease' ? counted >= Number(moved.limit) : counted <= Number(moved?.limit)).toBe(isWithin);
        expect(Number(moved?.limit)).toBeCloseTo(counted === failing ? limit : 1 - limit, 8);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a time with a limit', () => {
  it.each([
    ['histogram_quantile(0.9, sum by (le) (rate(d_seconds_bucket[1m])))', 0.25, '250ms', 's'],
    ['histogram_quantile(0.9, sum by (le) (rate(d_seconds_bucket[1m]))) * 1000', 250, '250ms', 's'],
    ['histogram_quantile(0.9, sum by (le) (rate(d_seconds_bucket[1m])))', 500, 500, 's'],
    ['histogram_quantile(0.9, sum by (le) (rate(d_milliseconds_bucket[1m])))', 250, '250ms', 'ms'],
    ['histogram_quantile(0.9, sum by (le) (rate(d_ms_bucket[1m]))) / 1000', 2, '2s', 'ms'],
    ['histogram_quantile(0.9, sum by (le) (rate(d_bucket[1m])))', 250, 250, null],
  ])('%s at most %s is %s in %s', (query, value, limit, unit) => {
    expect(moving(query, { side: 'max', value, strict: false })).toMatchObject({ limit, unit, harm: 'increase' });
  });
});

describe('a query that is no count of events', () => {
  it.each([
    ['sum(rate(cpu_seconds_total[1m]))'],
    ['sum(rate(d_seconds_sum[1m])) / sum(rate(d_seconds_count[1m]))'],
    ['sum(rate(sent_bytes_total[1m]))'],
    [`${failed} / ${all} * 0`],
  ])('%s stays an expression', (query) => {
    expect(moving(query, { side: 'max', value: 1, strict: false })?.form).toBe('expression');
  });

  it('stays one where the limit is an argument in another unit', () => {
    const moved = moving(`${failed} / ${all} * 100`, { side: 'max', value: { argument: 'most' }, strict: false });
    expect(moved).toMatchObject({ form: 'expression', limit: '${most}' });
  });
});
