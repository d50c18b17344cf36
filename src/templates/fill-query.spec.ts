import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fillQuery } from './fill-query.js';
import { isProblem, promqlTokens, stringValue } from './promql-tokens.js';

const query = 'sum by (version) (up{job="${job}"})';

describe('a value in a query', () => {
  it('stays inside its quotes', () => {
    expect(fillQuery(query, { job: 'shop' })).toEqual({ query: 'sum by (version) (up{job="shop"})' });
    expect(fillQuery(query, { job: 'nope"}) or vector(1) or sum(up{x="' })).toEqual({
      query: 'sum by (version) (up{job="nope\\"}) or vector(1) or sum(up{x=\\""})',
    });
    expect(fillQuery(query, { job: '\\' })).toEqual({ query: 'sum by (version) (up{job="\\\\"})' });
  });

  it('is read by PromQL as what was passed, for any value', () => {
    for (const quote of ['"', "'"]) {
      fc.assert(
        fc.property(
          fc.string({ unit: 'grapheme' }).filter((value) => !/[\n\r]/.test(value)),
          (job) => {
            const filled = fillQuery(`up{job=${quote}\${job}${quote}, x="1"}`, { job });
            const tokens = 'query' in filled ? promqlTokens(filled.query) : [];
            return !isProblem(tokens) && tokens.length === 10 && stringValue(tokens[4]?.text ?? '') === job;
          },
        ),
      );
    }
  });

  it('is quoted for RE2 where a pattern stands', () => {
    expect(fillQuery('up{job=~"${job}-.*", a!~"${job}", b="${job}"}', { job: 'a.b' })).toEqual({
      query: 'up{job=~"a\\\\.b-.*", a!~"a\\\\.b", b="a.b"}',
    });
  });

  it('may not hold a backtick between backticks', () => {
    expect(fillQuery('up{job=`${job}`}', { job: 'a\\b' })).toEqual({ query: 'up{job=`a\\b`}' });
    expect(fillQuery('up{job=`${job}`}', { job: 'a`b' })).toMatchObject({ argument: 'job' });
  });

  it('stands outside quotes only as a number or a duration', () => {
    const free = 'avg_over_time(up[${window}]) * ${factor}';
    expect(fillQuery(free, { window: '5m', factor: '2.5' })).toEqual({ query: 'avg_over_time(up[5m]) * 2.5' });
    for (const factor of ['up', '1 or up', '-1', '(1)', '1)', '', 'Inf', '1 #']) {
      expect(fillQuery(free, { window: '5m', factor })).toMatchObject({ argument: 'factor' });
    }
  });

  it('keeps a literal placeholder in quotes', () => {
    expect(fillQuery('up{job="$${job}"}', {})).toEqual({ query: 'up{job="${job}"}' });
  });
});
