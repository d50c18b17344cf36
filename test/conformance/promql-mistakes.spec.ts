import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { lintPromql } from '../../src/templates/index.js';
import { describeWithPrometheus } from '../support/prometheus.js';

interface Sample {
  readonly labels: string;
  readonly value: number;
}

/** What Prometheus answers to a query that the linter warns of, and to the query that it makes of it. */
interface Case {
  readonly about: string;
  readonly code: string;
  /** as `promtool test rules` writes series; one sample every 15 s */
  readonly series: Readonly<Record<string, string>>;
  readonly query: string;
  readonly at?: string;
  readonly says: readonly Sample[];
  /** null: the mended query has no answer either, which is the truth; absent: nothing is mended */
  readonly mended?: readonly Sample[];
}

const nothing: readonly Sample[] = [];
const half = { 'r{code="200"}': '0+50x40', 'r{code="500"}': '0+50x40' };
const slow = {
  'd_bucket{le="1",version="2"}': '0+0x40',
  'd_bucket{le="5",version="2"}': '0+9x40',
  'd_bucket{le="+Inf",version="2"}': '0+9x40',
};
const pods = { 'm{pod="checkout-7d9f"}': '1x40', 'm{pod="worker-5c4b"}': '7x40' };

const cases: readonly Case[] = [
  {
    about: 'a canary that reports nothing has no errors',
    code: 'masked-missing-data',
    series: { 'e{version="1"}': '0+1x40' },
    query: 'sum(rate(e{version="2"}[1m])) or vector(0)',
    says: [{ labels: '{}', value: 0 }],
    mended: nothing,
  },
  {
    about: 'half of the requests fail, and all succeed',
    code: 'ratio-without-aggregation',
    series: half,
    query: 'rate(r{code!~"5.."}[1m]) / rate(r[1m])',
    says: [{ labels: '{code="200"}', value: 1 }],
    mended: [{ labels: '{}', value: 0.5 }],
  },
  {
    about: 'a sum divided by what is none has no answer',
    code: 'ratio-without-aggregation',
    series: half,
    query: 'sum(rate(r{code=~"5.."}[1m])) / rate(r[1m])',
    says: nothing,
    mended: [{ labels: '{}', value: 0.5 }],
  },
  {
    about: 'no bounds, no percentile',
    code: 'quantile-without-le',
    series: slow,
    query: 'histogram_quantile(0.5, sum by (version) (rate(d_bucket[1m])))',
    says: nothing,
    mended: [{ labels: '{version="2"}', value: 3 }],
  },
  {
    about: 'what is too long is not there',
    code: 'comparison-hides-harm',
    series: { 'q{version="2"}': '500x40' },
    query: 'avg by (version) (q) < 100',
    says: nothing,
    mended: [{ labels: '{version="2"}', value: 500 }],
  },
  {
    about: 'a bar divides all of a pattern',
    code: 'unanchored-alternation',
    series: pods,
    query: 'sum(m{pod=~"checkout|worker-.*"})',
    says: [{ labels: '{}', value: 7 }],
    mended: [{ labels: '{}', value: 8 }],
  },
  {
    about: 'one scrape is no difference',
    code: 'range-below-two-scrapes',
    series: { 'c_total{version="2"}': '0+15x40' },
    query: 'round(sum(rate(c_total[20s])), 0.001)',
    at: '5m7s',
    says: nothing,
    mended: [{ labels: '{}', value: 1 }],
  },
  {
    about: 'a day without errors hides an hour of them',
    code: 'counter-without-rate',
    series: { 'x_total{code="500"}': '0+0x20 50+50x19', 'x_total{code="200"}': '1000000+50x40' },
    query: 'sum(x_total{code="500"}) / sum(x_total)',
    at: '10m',
    says: [{ labels: '{}', value: 1000 / 1_003_000 }],
    mended: [{ labels: '{}', value: 0.5 }],
  },
];

describeWithPrometheus('a mistake in a query', () => {
  it.each(cases)('$about: $code', ({ code, series, query, at = '5m', says, mended }) => {
    const [finding] = lintPromql(query, { cohorts: 'answer' }).filter((each) => each.code === code);
    expect(finding?.code).toBe(code);
    expect(disagreement(series, query, at, says)).toBe('');
    if (mended !== undefined) expect(disagreement(series, finding?.repaired ?? '', at, mended)).toBe('');
  });
});

/** What promtool says if Prometheus answers something else; '' where it does not. */
function disagreement(series: Case['series'], expr: string, at: string, samples: readonly Sample[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-promql-'));
  try {
    const file = join(folder, 'test.yml');
    const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const test = { interval: '15s', input_series: input, promql_expr_test: [{ expr, eval_time: at, exp_samples: samples }] };
    writeFileSync(file, JSON.stringify({ rule_files: [], evaluation_interval: '15s', tests: [test] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    return status === 0 ? '' : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
