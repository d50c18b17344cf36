import { describe, expect, it } from '@jest/globals';
import { parsePromql } from '../../promql/parse-promql.js';
import { keepCohort } from './keep-cohort.js';
import { type Quantity, type Series, shapeOf } from './query-shape.js';

const inShort = ({ name, matchers }: Series): string =>
  `${name}{${matchers.map(({ label, operator, value }) => `${label}${operator}${value}`).join(',')}}`;

function quantity(measured: Quantity): string {
  switch (measured.kind) {
    case 'share':
      return `${inShort(measured.events)} of ${inShort(measured.of)}`;
    case 'quantile':
      return `p${measured.at * 100} of ${inShort(measured.of)}`;
    case 'per-second':
      return `${inShort(measured.events)} per second`;
    case 'level':
      return inShort(measured.of);
  }
}

function said(query: string): string {
  const parsed = parsePromql(query);
  if ('mistake' in parsed) return 'no PromQL';
  const shape = shapeOf(parsed.expr, 'version');
  return shape === null ? 'an expression' : `${shape.scale} × ${shape.isRest ? 'the rest of ' : ''}${quantity(shape.quantity)}`;
}

const errors = 'sum(rate(r{code=~"5.."}[1m]))';
const all = 'sum(rate(r[1m]))';

describe('a query', () => {
  it.each([
    [`${errors} / ${all}`, '1 × r{code=~5..} of r{}'],
    [`${errors} / ${all} * 100`, '100 × r{code=~5..} of r{}'],
    [`100 * ${errors} / ${all}`, '100 × r{code=~5..} of r{}'],
    [`100 * (${errors} / ${all})`, '100 × r{code=~5..} of r{}'],
    [`100 - ${errors} / ${all} * 100`, '100 × the rest of r{code=~5..} of r{}'],
    [`1 - (${errors} / ${all})`, '1 × the rest of r{code=~5..} of r{}'],
    [`(${errors} or vector(0)) / ${all}`, '1 × r{code=~5..} of r{}'],
    [`(${errors} / clamp_min(${all}, 0.001)) * 100 or on() vector(0)`, '100 × r{code=~5..} of r{}'],
    [`${errors} / (${all} > 0)`, '1 × r{code=~5..} of r{}'],
    ['rate(r{code="500"}[1m]) / rate(r[1m])', '1 × r{code=500} of r{}'],
    ['sum by (version) (increase(e[5m])) / sum(increase(r[5m]))', '1 × e{} of r{}'],
    ['histogram_quantile(0.99, sum(rate(d_bucket[1m])) by (le))', '1 × p99 of d_bucket{}'],
    ['histogram_quantile(0.99, sum by (le, version) (rate(d_bucket{a="b"}[${i}]))) / 1000', '0.001 × p99 of d_bucket{a=b}'],
    ['(histogram_quantile(0.5, rate(d_bucket[1m])) * 1000) > 0 or on() vector(0)', '1000 × p50 of d_bucket{}'],
    ['sum(increase(e[5m]))', '300 × e{} per second'],
    ['up{a="b"}', '1 × up{a=b}'],
  ])('%s measures %s', (query, wanted) => expect(said(query)).toBe(wanted));

  it.each([
    `100 - ${errors} / ${all}`,
    'sum(increase(e[5m])) / sum(rate(r[5m]))',
    'sum by (route) (rate(r[1m]))',
    `${errors} / on(pod) ${all}`,
    'avg(up)',
    'sum(rate(r[1m] offset 1h))',
    'max_over_time(up[5m])',
    '${factor} * up',
    'histogram_quantile(0.99, sum(rate(d_bucket[1m])) by (le, route))',
    '{__name__="up"}',
    '-1 * up',
  ])('%s stays an expression', (query) => expect(said(query)).toBe('an expression'));

  it.each(['sum(', 'a b', '', 'rate(x[])'])('%j is no PromQL', (query) => expect(said(query)).toBe('no PromQL'));
});

describe('a query for both cohorts', () => {
  it.each([
    ['sum(a) / avg(b{version="2",x="y"})', 'sum by (version) (a) / avg by (version) (b{x="y"})'],
    ['max by (le) (a{version="2"})', 'max by (version, le) (a)'],
    ['max(a) by ()', 'max(a) by (version)'],
    ['sum without (pod) (a)', 'sum without (pod) (a)'],
    ['avg(a{version=~"${canary}.*"} > 3) or on() vector(0)', 'avg by (version) (a > 3)'],
  ])('%s becomes %s', (query, wanted) => {
    const parsed = parsePromql(query);
    expect('expr' in parsed && keepCohort(query, parsed.expr, 'version', ({ label }) => label === 'version')).toBe(wanted);
  });
});
