import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type VerdictAnswer, verdictOf } from './assay-client.js';
import type { GateEnd } from './gate.js';
import { junitOf } from './gate-junit.js';
import { markdownOf } from './gate-markdown.js';
import { variablesOf } from './gate-variables.js';

const metrics = [
  {
    name: 'error-rate',
    role: 'critical',
    assessment: 'harmful',
    harm: { low: 0.009, high: 0.021 },
    margin: 0.005,
    scale: 'difference',
    unit: 'ratio',
    baseline: { count: 48_211, value: 0.004 },
    canary: { count: 5_120, value: 0.019 },
    exemplars: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }],
    warnings: [],
  },
  {
    name: 'latency p95',
    role: 'weighted',
    assessment: 'undecided',
    harm: { low: null, high: 0.04 },
    margin: 0.1,
    scale: 'ratio',
    unit: 's',
    baseline: { count: 48_211, value: 0.308 },
    canary: { count: 5_120, value: 0.312 },
    warnings: ['12 observations came late'],
  },
  {
    name: 'cpu',
    role: 'informational',
    assessment: 'harmful',
    unit: '',
    baseline: {},
    canary: {},
    missing: { detail: 'no data for 75 s' },
  },
];

const verdict = (changes: object = {}): VerdictAnswer =>
  verdictOf(
    {
      run: 'run_1',
      decision: 'rollback',
      final: true,
      code: 'harm-evidence',
      reason: 'error-rate: canary 1.9 % against 0.4 %',
      looks: 26,
      elapsedSeconds: 400,
      template: 'http-service@sha256:9f2c',
      url: 'https://assay.example/v1/runs/run_1',
      metrics,
      ...changes,
    },
    'run_1',
  );

const ends: Readonly<Record<string, GateEnd>> = {
  rollback: { kind: 'final', verdict: verdict() },
  hold: { kind: 'final', verdict: verdict({ decision: 'hold', code: 'deadline', metrics: [metrics[1]] }) },
  promote: { kind: 'final', verdict: verdict({ decision: 'promote', metrics: [{ ...metrics[0], assessment: 'safe' }, metrics[1]] }) },
  cancelled: { kind: 'final', verdict: verdict({ decision: 'hold', state: 'cancelled', code: 'cancelled' }) },
  timeout: { kind: 'timeout', run: 'run_1', verdict: verdict({ decision: 'promote', final: false }) },
  failed: { kind: 'failed', run: null, error: new Error('no answer from http://127.0.0.1:8080: connect ECONNREFUSED') },
};

describe('JUnit XML of a gate', () => {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: (name) => name === 'testcase' });
  const suiteOf = (end: GateEnd): { readonly testcase: readonly Record<string, unknown>[] } & Record<string, unknown> =>
    parser.parse(junitOf(end)).testsuites.testsuite;

  it.each([
    ['rollback', { tests: '4', failures: '2', errors: '0', skipped: '2' }],
    ['hold', { tests: '2', failures: '1', errors: '0', skipped: '1' }],
    ['promote', { tests: '3', failures: '0', errors: '0', skipped: '0' }],
    ['cancelled', { tests: '4', failures: '1', errors: '1', skipped: '2' }],
    ['timeout', { tests: '4', failures: '1', errors: '1', skipped: '2' }],
    ['failed', { tests: '1', failures: '0', errors: '1', skipped: '0' }],
  ])('fails nothing but what is harmful or not decided: %s', (name, counts) => {
    expect(suiteOf(ends[name] as GateEnd)).toMatchObject(counts);
  });

  it('says what failed with the numbers and a trace to open', () => {
    const [whole, errors] = suiteOf(ends['rollback'] as GateEnd).testcase;
    expect(whole).toMatchObject({ name: 'verdict', classname: 'assay.http-service', failure: { type: 'rollback' } });
    expect(errors).toMatchObject({
      name: 'error-rate',
      failure: { message: 'canary 1.9 % of 5 120, baseline 0.4 % of 48 211, harm 0.9 pp to 2.1 pp, margin 0.5 pp' },
    });
    expect(JSON.stringify(errors)).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('is XML whatever stands in names and reasons', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (reason, name) => {
        const end: GateEnd = { kind: 'final', verdict: verdict({ reason, metrics: [{ ...metrics[0], name }] }) };
        const xml = junitOf(end);
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('the summary of a step', () => {
  it('is a verdict, a reason and a table', () => {
    expect(markdownOf(ends['rollback'] as GateEnd)).toMatchInlineSnapshot(`
"### Assay: rollback (http-service)

error-rate: canary 1.9 % against 0.4 %

| metric | assessment | baseline | canary | harm | margin |
| --- | --- | --- | --- | --- | --- |
| error-rate | harmful | 0.4 % of 48 211 | 1.9 % of 5 120 | 0.9 pp to 2.1 pp | 0.5 pp |
| latency p95 | undecided | 308 ms of 48 211 | 312 ms of 5 120 | unbounded to 4 % | 10 % |
| cpu | harmful | no value | no value | not known yet | none yet |

- error-rate, traces to open: \`4bf92f3577b34da6a3ce929d0e0e4736\`

- latency p95: 12 observations came late

- cpu: no data for 75 s

[run run&#95;1](<https://assay.example/v1/runs/run_1>)

"
`);
  });

  it('says that there is no verdict where there is none', () => {
    expect(markdownOf(ends['failed'] as GateEnd)).toContain('### Assay: error');
    expect(markdownOf(ends['timeout'] as GateEnd)).toContain('### Assay: error (http-service)');
  });

  it('makes neither rows, links, mentions nor HTML out of what others wrote', () => {
    const hostile = 'a | b\n<img src=x onerror=1> [x](javascript:1) @everyone `code`';
    const summary = markdownOf({
      kind: 'final',
      verdict: verdict({ reason: hostile, metrics: [{ ...metrics[0], name: hostile }], url: 'javascript:1' }),
    });
    expect(summary).not.toMatch(/<img|\]\(javascript|@everyone|`code`/);
    const rows = summary.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.map((line) => line.split('|').length)).toEqual([8, 8, 8]);
  });
});

describe('variables for later steps', () => {
  it('are one line each, and a decision only where it is final', () => {
    expect(variablesOf(ends['rollback'] as GateEnd, 1)).toBe(
      'ASSAY_DECISION=rollback\nASSAY_EXIT_CODE=1\nASSAY_RUN=run_1\nASSAY_RUN_URL=https://assay.example/v1/runs/run_1\nASSAY_REASON=error-rate: canary 1.9 % against 0.4 %\n',
    );
    expect(variablesOf(ends['timeout'] as GateEnd, 3)).toMatch(/^ASSAY_DECISION=error\n/);
    const forged = variablesOf(
      { kind: 'final', verdict: verdict({ reason: 'x\nASSAY_DECISION=promote\r\u2028ASSAY_DECISION=promote' }) },
      1,
    );
    expect(forged.match(/^ASSAY_DECISION=/gm)).toHaveLength(1);
  });
});
