import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Measurement } from '../../src/domain/index.js';
import { PrometheusSource, type ReadRequest } from '../../src/sources/index.js';
import { parseTemplate, resolveArguments } from '../../src/templates/index.js';
import {
  describeWithPrometheus,
  type PastSeries,
  type PrometheusServer,
  settingsFor,
  startPrometheus,
  writeOpenMetrics,
} from '../support/prometheus.js';
import { byLabel, gauge, mean, percentiles, proportion, rate, windowsOf } from '../support/prometheus-metrics.js';

const windows = 60;
const scrapeMs = 15_000;
const start = Date.UTC(2024, 2, 1, 12);
/** Pods are scraped at other moments than windows begin. */
const scrapedAt = (edge: number): number => start + edge * scrapeMs - 4_000;

/** A counter that saw `events(i)` events in window i; it starts again at `restarts`, and is scraped from its first edge on. */
function counter(
  name: string,
  labels: Record<string, string>,
  events: (window: number) => number,
  { from = 0, already = 0, restarts = -1 } = {},
): PastSeries {
  const samples: [number, number][] = [];
  let value = already;
  for (let edge = from; edge <= windows; edge++) {
    if (edge > from) value = edge - 1 === restarts ? events(edge - 1) : value + events(edge - 1);
    samples.push([scrapedAt(edge), value]);
  }
  return { name, labels, samples };
}

const requests = {
  a: (i: number) => 100 + ((i * 7) % 13),
  b: (i: number) => 80 + (i % 5),
  c: (i: number) => 20 + ((i * 3) % 7),
  late: (i: number) => 30 + (i % 2),
};
const errors = { a: (i: number) => (i % 9 === 4 ? 2 : 0), c: (i: number) => (i >= 10 ? i % 3 : 0) };
const http = (version: string, pod: string, code: string) => ({ service: 'shop', version, pod, code });
const bounds = ['0.1', '0.5', '1', '+Inf'];
/** Observations of window i in each bucket. */
const observed = (i: number): number[] => [i % 4, 3, i % 2, i === 7 ? 1 : 0];
const upTo = (i: number, bucket: number): number =>
  observed(i)
    .slice(0, bucket + 1)
    .reduce((sum, n) => sum + n, 0);

const past = writeOpenMetrics([
  counter('http_requests_total', http('1.4.2', 'base-a', '200'), (i) => requests.a(i) - errors.a(i)),
  counter('http_requests_total', http('1.4.2', 'base-a', '500'), errors.a, { already: 7 }),
  counter('http_requests_total', http('1.4.2', 'base-b', '200'), requests.b, { already: 90_000_000_000, restarts: 20 }),
  counter('http_requests_total', http('1.4.2', 'base-late', '200'), requests.late, { from: 30, already: 5_000 }),
  counter('http_requests_total', http('1.5.0', 'canary-c', '200'), (i) => requests.c(i) - errors.c(i)),
  // nobody counts an error before the first one: the series appears with it
  counter('http_requests_total', http('1.5.0', 'canary-c', '500'), errors.c, { from: 11, already: errors.c(10) }),
  counter('http_requests_total', http('9.9.9', 'other', '200'), () => 1_000_000),
  ...['1.4.2', '1.5.0'].flatMap((version) =>
    bounds.map((le, bucket) =>
      counter('latency_seconds_bucket', { service: 'shop', version, le }, (i) => upTo(i, bucket), {
        restarts: version === '1.5.0' ? 25 : -1,
      }),
    ),
  ),
  ...['1.4.2', '1.5.0'].map((version) => counter('latency_seconds_sum', { service: 'shop', version }, (i) => upTo(i, 3) * 0.25)),
  ...['1.4.2', '1.5.0'].map((version, i) => counter('heap_bytes', { service: 'shop', version, pod: `p${i}` }, () => 10)),
  { name: 'stopped_total', labels: { version: '1.4.2', pod: 'x' }, samples: [0, 1, 2].map((edge) => [scrapedAt(edge), edge * 10]) },
  {
    name: 'stopped_total',
    labels: { version: '1.5.0', pod: 'y' },
    samples: Array.from({ length: windows + 1 }, (_, edge) => [scrapedAt(edge), edge * 10]),
  },
  {
    name: 'poisoned_total',
    labels: { version: '1.4.2' },
    samples: [
      [scrapedAt(0), 1],
      [scrapedAt(1), 'NaN'],
      [scrapedAt(2), 3],
      [scrapedAt(3), 4],
    ],
  },
  { name: 'poisoned_total', labels: { version: '1.5.0' }, samples: [0, 1, 2, 3].map((edge) => [scrapedAt(edge), edge]) },
]);

const all = 'http_requests_total{service="shop"}';
const failed = 'http_requests_total{service="shop",code=~"5.."}';
const cohorts = byLabel('version', '1.4.2', '1.5.0');

const templateText = `
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  arguments: { service: { type: string, required: true } }
  cohorts: { by: version, pod: pod }
  schedule: { window: 15s }
  metrics:
    - name: errors
      role: critical
      source: prometheus
      proportion:
        events: http_requests_total{service=~"\${service}",code=~"5.."}
        of: http_requests_total{service="\${service}"}
      margin: { relative: 0.1 }
`;

describeWithPrometheus('the Prometheus source against a real Prometheus', () => {
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await startPrometheus({ openMetrics: past });
  }, 60_000);
  afterAll(() => server?.stop());

  const signal = new AbortController().signal;
  const read = async (request: Partial<ReadRequest>, source = new PrometheusSource(settingsFor(server.url))): Promise<Measurement[][]> => {
    const { measurements } = await source.readWindows(
      { metrics: [], cohorts, by: 'version', pod: 'pod', slices: windowsOf(start, windows), ...request },
      signal,
    );
    return measurements;
  };
  const first = async (request: Partial<ReadRequest>): Promise<Measurement[]> =>
    (await read(request)).map(([measurement]) => measurement as Measurement);

  it('counts exactly what happened in every past window, per pod, through restarts and first errors', async () => {
    const measured = await first({ metrics: [proportion(failed, all)] });
    expect(measured).toHaveLength(windows);
    for (const [i, { baseline, canary, warnings }] of measured.entries()) {
      const late = i >= 30 ? { 'base-late': { total: requests.late(i), events: 0 } } : {};
      const pods = { 'base-a': { total: requests.a(i), events: errors.a(i) }, 'base-b': { total: requests.b(i), events: 0 }, ...late };
      const total = requests.a(i) + requests.b(i) + (i >= 30 ? requests.late(i) : 0);
      expect({ i, baseline }).toEqual({ i, baseline: { kind: 'counts', total, events: errors.a(i), pods } });
      expect({ i, canary }).toEqual({
        i,
        canary: {
          kind: 'counts',
          total: requests.c(i),
          events: errors.c(i),
          pods: { 'canary-c': { total: requests.c(i), events: errors.c(i) } },
        },
      });
      expect(warnings).toEqual([]);
    }
  });

  it('reads classic buckets exactly, also over a restart', async () => {
    const measured = await first({ metrics: [percentiles('latency_seconds{service="shop"}')] });
    for (const [i, { baseline, canary }] of measured.entries()) {
      const expected = { kind: 'distribution', histogram: { kind: 'explicit', bounds: [0.1, 0.5, 1], counts: observed(i) } };
      expect({ i, baseline, canary }).toMatchObject({ i, baseline: expected, canary: expected });
    }
  });

  it('gives the mean from the sum, and a rate per second or per count', async () => {
    const metrics = [mean('latency_seconds_bucket{service="shop"}'), rate(failed, 'second'), rate(failed, all)];
    const [average, perSecond, perRequest] = (await read({ metrics, slices: windowsOf(start + 12 * scrapeMs, 1) }))[0] ?? [];
    expect(average?.baseline).toMatchObject({ kind: 'moments', count: 3, mean: 0.25 });
    const rateOf = (exposure: number) => {
      const happened = { events: errors.c(12), exposure };
      return { kind: 'rate', ...happened, pods: { 'canary-c': happened } };
    };
    expect(perSecond?.canary).toEqual(rateOf(15));
    expect(perRequest?.canary).toEqual(rateOf(requests.c(12)));
  });

  it('reads gauges by selector and by free PromQL at the end of each window', async () => {
    const metrics = [gauge('heap_bytes{service="shop"}'), gauge('avg by (version) (heap_bytes)')];
    const measured = await read({ metrics, slices: windowsOf(start, 5) });
    for (const [i, window] of measured.entries()) {
      const level = { kind: 'level', value: (i + 1) * 10 };
      const ofPod = (pod: string) => ({ ...level, pods: { [pod]: level.value } });
      expect(window.map(({ baseline, canary }) => [baseline, canary])).toEqual([
        [ofPod('p0'), ofPod('p1')],
        [level, level],
      ]);
    }
  });

  it('reads the past all at once as it would have read it look by look', async () => {
    const metrics = [
      proportion(failed, all),
      proportion(`sum by (version, pod) (${failed})`, `sum by (version, pod) (${all})`),
      percentiles('latency_seconds'),
      mean('latency_seconds'),
      rate(failed, 'second'),
      gauge('heap_bytes'),
      proportion('stopped_total', 'stopped_total'),
      proportion('poisoned_total', 'poisoned_total'),
      proportion('nothing_total', 'nothing_total'),
    ];
    const slices = windowsOf(start, windows);
    const atOnce = await read({ metrics, slices });
    const live = new PrometheusSource(settingsFor(server.url));
    for (const [i, slice] of slices.entries()) {
      const [look] = await read({ metrics, slices: [slice] }, live);
      expect({ i, look }).toEqual({ i, look: atOnce[i] });
    }
  }, 60_000);

  it('tells no traffic, old samples, no series and broken values apart', async () => {
    const metrics = [
      proportion('stopped_total', 'stopped_total'),
      proportion('poisoned_total', 'poisoned_total'),
      proportion('nothing_total', 'nothing_total'),
    ];
    const measured = await read({ metrics });
    const causes = measured.map((window) => window.map(({ baseline }) => (baseline.kind === 'gap' ? baseline.cause : baseline.kind)));
    expect(causes[0]).toEqual(['counts', 'nan', 'absent']);
    expect(causes[1]).toEqual(['counts', 'nan', 'absent']);
    expect(causes[2]).toEqual(['counts', 'counts', 'absent']);
    expect(causes[3]?.[0]).toBe('stale'); // 34 s old, older than a window and two scrapes
    expect(causes.at(-1)?.[0]).toBe('absent'); // out of Prometheus' sight after 5 minutes
  });

  it('joins cohorts that are described by unlike labels', async () => {
    const unlike = {
      baseline: [
        { attribute: 'version', operator: '=', value: '1.4.2' },
        { attribute: 'pod', operator: '!~', value: 'base-[bl].*' },
      ],
      canary: [{ attribute: 'pod', operator: '=~', value: 'can[a-z]+-c' }],
    } as const;
    const [measured] = await first({ metrics: [proportion(failed, all)], cohorts: unlike, slices: windowsOf(start, 2) });
    expect(measured?.baseline).toMatchObject({ total: requests.a(0) });
    expect(measured?.canary).toMatchObject({ total: requests.c(0) });
  });

  it('refuses cohorts that overlap', async () => {
    const [measured] = await first({
      metrics: [proportion(failed, all)],
      cohorts: { ...cohorts, canary: [{ attribute: 'pod', operator: '=~', value: '.*-a|canary.*' }] },
      slices: windowsOf(start, 2),
    });
    expect(measured?.canary).toMatchObject({ kind: 'gap', cause: 'unavailable', detail: expect.stringContaining('both cohorts') });
    expect(measured?.warnings).toHaveLength(1);
  });

  it.each([
    ['a quote', '1.5.0"} or vector(1e9) or x{a="'],
    ['a backslash', '1.5.0\\'],
    ['a pattern', '.*'],
    ['a line break', '1.5.0\n} or vector(1)'],
    ['an alternative', '1.5.0|9.9.9'],
  ])('selects nothing by a cohort value that carries %s', async (_, value) => {
    const [measured] = await first({
      metrics: [proportion(failed, all)],
      cohorts: byLabel('version', '1.4.2', value),
      slices: windowsOf(start, 1),
    });
    expect(measured?.baseline).toMatchObject({ kind: 'counts', total: requests.a(0) + requests.b(0) });
    expect(measured?.canary).toMatchObject({ kind: 'gap', cause: 'absent' });
  });

  it.each([
    ['closes the quotes', 'shop"} or vector(1e9) or x{a="'],
    ['hides the closing quote', 'shop\\'],
    ['is a pattern', 'sh.p|.*'],
    ['ends a pattern', 'shop)"} or vector(1) or x{a=~"('],
  ])('asks the same question for an argument that %s', async (_, service) => {
    const { template, issues } = parseTemplate(templateText);
    if (!template) throw new Error(JSON.stringify(issues));
    const metricsFor = (value: string) => resolveArguments(template, { service: value }).metrics;
    const slices = windowsOf(start, 1);
    const [harmless] = await first({ metrics: metricsFor('shop'), slices });
    expect(harmless?.canary).toMatchObject({ kind: 'counts', total: requests.c(0) });
    const [hostile] = await first({ metrics: metricsFor(service), slices });
    expect(hostile).toMatchObject({ baseline: { kind: 'gap', cause: 'absent' }, canary: { kind: 'gap', cause: 'absent' } });
  });

  it.each([
    ['a scalar', 'scalar(vector(1))', 'sum by (version)'],
    ['no label', 'sum(heap_bytes)', 'keep the label'],
    ['a mistake', 'sum by (version) (heap_bytes', 'parse error'],
    ['a masked absence', 'sum(nonexistent) or vector(0)', 'keep the label'],
  ])('says how to mend a query that gives %s', async (_, query, repair) => {
    const [measured] = await first({ metrics: [gauge(query)], slices: windowsOf(start, 1) });
    expect(measured?.baseline).toMatchObject({ kind: 'gap', cause: 'unavailable', detail: expect.stringContaining(repair) });
  });

  it('answers a ping', async () => {
    await expect(new PrometheusSource(settingsFor(server.url)).ping(signal)).resolves.toBeUndefined();
  });
});
