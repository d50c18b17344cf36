import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PromqlContext } from './finding.js';
import { lintPromql } from './lint-promql.js';

/** A question for both cohorts, once a minute. */
const level: PromqlContext = { cohortLabel: 'version', cohorts: 'answer', reads: 'level', windowSeconds: 60, arguments: ['service'] };
const codes = (query: string, context: PromqlContext = level): string[] => lintPromql(query, context).map(({ code }) => code);

describe('a good query', () => {
  it.each([
    'avg by (version) (process_resident_memory_bytes{job="${service}"})',
    'sum by (version) (rate(requests_total{job="${service}"}[1m]))',
    'sum by (version) (rate(requests_total{job="${service}"}[${window}]))',
    'sum by (version) (rate(a_total{job="${service}", code=~"5.."}[1m])) / sum by (version) (rate(a_total{job="${service}"}[1m]))',
    'sum without (pod, instance) (rate(a_total{job="${service}"}[1m]))',
    'histogram_quantile(0.99, sum by (le, version) (rate(latency_seconds_bucket{job="${service}"}[1m])))',
    'histogram_quantile(0.99, sum by (version) (rate(latency_seconds{job="${service}"}[1m])))', // a native histogram has no le
    'max by (version) (latency_seconds{job="${service}", quantile="0.99"})',
    'rate(latency_seconds_sum{job="${service}"}[1m]) / rate(latency_seconds_count{job="${service}"}[1m])',
    'sum by (version) (rate(e_total{job="${service}"}[1m])) or sum by (version) (rate(r_total{job="${service}"}[1m])) * 0', // requests were seen
    'sum by (version) (memory_bytes{job="${service}"} * on(pod) group_left(version) kube_pod_labels)',
    'count by (version) (requests_total{job="${service}"})',
    'time() - max by (version) (last_success_timestamp_seconds{job="${service}"})',
    'avg by (version) (busy{job="${service}"} / (workers{job="${service}"} > 0))', // no division by zero
    'max by (version) (max_over_time(queue_length{job="${service}"}[5m]))',
    'avg by (version) (memory_bytes{job="${service}", path=~"/(pay|cart)", zone=~".+", pod!~"test-.*|load-.*"})',
    'avg by (version) (memory_bytes{job="${service}", code=~"2..|3..", namespace=~"kube-system|default", zone=~"^$|eu"})',
    'sum by (version) (rate(requests_total{job=~"${service}-api|${service}-worker", method=~"GET|POST"}[1m]))',
    'sum by (version) (connections{job="${service}"}) / sum by (version) (connections_max{job="${service}"})',
    'sum by (version) (rate(e_total{job="${service}", code="500"}[1m])) / ignoring(code) group_left sum by (version, code) (rate(r_total[1m]))',
    'label_replace(avg by (image) (memory_bytes{job="${service}"}), "version", "$1", "image", ".*:(.*)")',
    'sum by (version) (rate(requests_total{job="${service}"}[1m])) # requests, or vector(0)',
  ])('%s', (query) => expect(codes(query)).toEqual([]));

  it('may be of another tool, and pick the canary in the ways people do', () => {
    const picks = [
      'version="${version}"',
      'rollouts_pod_template_hash="${hash}"',
      'destination_workload="${target}"',
      'pod=~"${target}-.*"',
    ];
    const others = ['service="{{args.canary-service}}"', 'envoy_cluster_name=~"{{ namespace }}_{{ target }}-canary_.+"', 'track="canary"'];
    for (const pick of [...picks, ...others]) expect(codes(`sum(rate(r_total{${pick}}[1m]))`, {})).toEqual([]);
  });
});

describe('a query of another tool', () => {
  it('that picks no side is told so', () => {
    expect(codes('sum(irate(r{reporter="source", service=~"{{args.service}}.svc"}[40s]))', {})).toEqual(['cohort-unselected']);
    expect(codes('sum(irate(r{service="a"}[40s]))', { cohorts: 'answer' })).toEqual([]);
  });

  it('with a fixed range is told of the interval that its tool fills in', () => {
    const [finding] = lintPromql('sum(rate(r_total{pod=~"${target}-.*"}[1m]))', { intervalArgument: 'interval' });
    expect(finding).toMatchObject({ code: 'range-is-not-window', repaired: 'sum(rate(r_total{pod=~"${target}-.*"}[${interval}]))' });
  });

  it('that names one service is told so where it is meant for any', () => {
    const query = 'sum(irate(r{app="wrk-tester", envoy_cluster_name="{{args.cluster}}"}[5m]))';
    expect(codes(query, { isGeneric: true })).toEqual(['hard-coded-target']);
    expect(codes(query, {})).toEqual([]);
  });

  it.each([
    ['seconds against 500', 'histogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket{pod="${p}"}[1m])))', 500, 'increase'],
    ['milliseconds against 0.5', 'histogram_quantile(0.99, sum by (le) (rate(d_milliseconds_bucket{pod="${p}"}[1m])))', 0.5, 'increase'],
    ['a share against 5', 'sum(rate(r_total{pod="${p}", c="5"}[1m])) / sum(rate(r_total{pod="${p}"}[1m]))', 5, 'increase'],
    ['percent against 0.99', '100 * sum(rate(r_total{pod="${p}", c="2"}[1m])) / sum(rate(r_total{pod="${p}"}[1m]))', 0.99, 'decrease'],
  ] as const)('with %s is told of the unit', (_, query, value, harm) => {
    expect(codes(query, { bound: { value, unit: null, harm } })).toEqual(['unit-mismatch']);
  });

  it.each([
    ['seconds against half a second', 'histogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket{pod="${p}"}[1m])))', 0.5],
    ['milliseconds against 500', '1000 * histogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket{pod="${p}"}[1m])))', 500],
    ['percent of errors against 1', '100 - 100 * sum(rate(r_total{pod="${p}", c="2"}[1m])) / sum(rate(r_total{pod="${p}"}[1m]))', 1],
    ['CPU seconds a second against 90', 'sum(rate(cpu_seconds_total{pod="${p}"}[1m]))', 90],
    ['a number that nobody names', 'sum(queue_length{pod="${p}"})', 500],
  ])('with %s is in order', (_, query, value) => {
    expect(codes(query, { bound: { value, unit: null, harm: 'increase' } })).toEqual([]);
  });
});

describe('a mistake', () => {
  it.each([
    ['sum(rate(x[5m]', 8, "'(' is never closed"],
    ['x{a="b" c="d"}', 8, "expected '}' or ',', and there is 'c'"],
    ['x{a=b}', 4, "expected a value in quotes, and there is 'b'"],
    ['1 +', 3, 'expected a metric, a number or a function, and the query ends'],
    ['rate(x["5m"])', 7, "expected a duration such as '5m' or '(', and there is '\"5m\"'"],
    ['x y', 2, "expected an operator or the end of the query, and there is 'y'"],
    ['sum by (a) x', 11, "expected '(', and there is 'x'"],
    ['avg(x) / histgram_quantile(0.9, y)', 9, "PromQL has no function 'histgram_quantile'"],
    ['rate(x)', 5, "'rate' wants a range vector, and this is an instant vector"],
    ['{job=~".*"}', 0, 'the selector names neither a metric nor a label that must be there: it would read everything'],
    ['a / b offset 5m offset 1m', 16, "'offset' stands twice behind one selector"],
  ])('%s: at %d', (query, offset, message) => {
    expect(lintPromql(query)).toMatchObject([{ code: 'invalid-promql', severity: 'error', offset, message }]);
  });

  it.each([
    ['x{a=="b"}', "one '=' is enough between a label and its value"],
    ['x = 5', "write '==' to compare"],
    ['x && y', "write 'and'"],
    ['sum(x) by version', 'put labels in parentheses: (version)'],
    ['rate(x{a="b"}5m)', 'put the range in brackets: [5m]'],
    ['rate(x[5min])', 'minutes are written m: 5m'],
    ['x{a=“b”}', 'use straight quotes: "'],
    ['http.requests', "names have '_' where attributes have dots"],
    ['x{a=~"\\d+"}', 'double the backslash: \\\\d'],
  ])('%s: is mended as people mean it', (query, repair) => expect(lintPromql(query)).toMatchObject([{ code: 'invalid-promql', repair }]));

  it('stands where the author wrote it, whatever arguments stand before it', () => {
    const query = 'sum by (version) (x{job="${service}", zone="{{ zone }}"} * ${factor}) or vector(0)';
    expect(lintPromql(query, level)).toMatchObject([{ code: 'masked-missing-data', offset: query.indexOf('or vector') }]);
  });

  it('is said once, and its repair mends all of it', () => {
    const query = 'sum by (version) (rate(a_total[10s])) / sum by (version) (rate(b_total[20s]))';
    expect(lintPromql(query, { ...level, arguments: [] })).toMatchObject([
      {
        code: 'range-below-two-scrapes',
        offset: 31,
        repaired: 'sum by (version) (rate(a_total[1m])) / sum by (version) (rate(b_total[1m]))',
      },
    ]);
  });

  it('depends on how often is scraped', () => {
    const query = 'sum by (version) (rate(a_total[1m]))';
    expect(codes(query, { ...level, arguments: [] })).toEqual([]);
    expect(codes(query, { ...level, arguments: [], scrapeSeconds: 60 })).toEqual(['range-below-two-scrapes']);
  });

  it('is a warning where the metric is not critical', () => {
    const severity = (critical: boolean) =>
      lintPromql('sum by (version) (x) or vector(0)', { ...level, critical, arguments: [] })[0]?.severity;
    expect([severity(true), severity(false)]).toEqual(['error', 'warning']);
  });
});

const words = fc.constantFrom(
  ...'sum by without ( ) { } [ ] , + - / * ^ % == != > bool and or unless on ignoring group_left offset @ ="a" =~"a|b-c" !~".*" 5m 0.9 1e999 0x1 Inf'.split(
    ' ',
  ),
  ...'x_total y_seconds_bucket rate increase histogram_quantile absent vector scalar time topk avg quantile label_replace le [5m] [5m:1m]'.split(
    ' ',
  ),
  '${a}',
  '{{ b }}',
  '"',
  '\\',
  '\n',
  '# ',
  '😀',
);
const someContext = fc.constantFrom<PromqlContext>(
  level,
  {},
  { cohorts: 'added', reads: 'counter' },
  { isGeneric: true, intervalArgument: 'i' },
);

describe('the linter', () => {
  it('never throws, whatever it is given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(words, { maxLength: 25 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, someContext, (query, context) => {
        for (const { offset, length, repair } of lintPromql(query, context)) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(query.length);
          expect(length).toBeGreaterThanOrEqual(0);
          expect(repair).not.toBe('');
        }
      }),
      { numRuns: 80 },
    );
  });

  const selector = fc.constantFrom(
    'x_total{job="s"}',
    'y{job="s", version="1"}',
    'd_seconds_bucket',
    'z{quantile="0.9"}',
    'w{a=~".*"}',
    'r{c=~"a-b|c"}',
  );
  const grown = fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      selector,
      selector.map((of) => `rate(${of}[10s])`),
      selector.map((of) => `rate(${of}[5m] offset 1h)`),
      tie('any').map((of) => `sum(${of})`),
      tie('any').map((of) => `avg by (zone) (${of})`),
      tie('any').map((of) => `histogram_quantile(0.9, ${of})`),
      tie('any').map((of) => `(${of} or vector(0))`),
      tie('any').map((of) => `(${of} > 5)`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a} / ${b}`),
    ),
  })).any;

  it('mends what it says it mends', () => {
    fc.assert(
      fc.property(grown, someContext, (query, context) => {
        for (const { code, repaired } of lintPromql(query, context)) {
          if (repaired === null) continue;
          const after = codes(repaired, context);
          expect({ query, repaired, after }).toMatchObject({ after: after.filter((each) => each !== code && each !== 'invalid-promql') });
        }
      }),
      { numRuns: 80 },
    );
  });

  const many = (unit: string, end = ''): string => unit.repeat(Math.floor((8192 - end.length) / unit.length)) + end;
  it.each([
    ['brackets', many('(')],
    ['closed brackets', `${'('.repeat(4000)}x${')'.repeat(4000)}`],
    ['signs', many('-', 'x')],
    ['sums', many('a+', 'a')],
    ['powers', many('a^', 'a')],
    ['divisions of sums', many('sum by(a)(b)/', 'c')],
    ['ors', many('a or ', 'vector(0)')],
    ['functions', many('abs(')],
    ['conditions', `x{${many('a="b",').slice(0, 8000)}}`],
    ['patterns', `x{${many('a=~"(a|b)*c.*",').slice(0, 8000)}}`],
    ['alternatives', `x{a=~"${'a|'.repeat(120)}b-c"}`],
    ['quotes', many('"')],
    ['escapes', `x{a="${many('\\\\').slice(0, 8000)}"}`],
    ['ranges', `x${many('[5m]').slice(0, 8000)}`],
    ['shifts', `x${many(' offset 5m').slice(0, 8000)}`],
    ['placeholders', many('${a}')],
    ['open placeholders', many('${')],
    ['foreign placeholders', many('{{ a }}')],
    ['arguments', `label_join(x, ${many('"a", ').slice(0, 8000)} "b")`],
    ['comments', many('#\n', 'x')],
    ['far too much', 'x'.repeat(1_000_000)],
  ])('is not kept busy by %s', (_, query) => {
    const started = performance.now();
    lintPromql(query, level);
    expect(performance.now() - started).toBeLessThan(4_000); // a guard against hanging, on any machine
  });
});
