import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Evidence, finiteOrNull, metricOnWire, type Run, type Template, type Verdict } from '../../domain/index.js';
import { matchesTag, verdictTag } from './verdict-tag.js';
import { runOnWire, startedOnWire, verdictOnWire } from './wire.js';

const url = 'https://assay.example';

const template: Template = {
  name: 'http-service',
  title: null,
  description: null,
  labels: {},
  hash: `sha256:${'9f2c'.repeat(16)}`,
  arguments: {},
  cohorts: { by: 'service.version', pod: null },
  schedule: {
    windowSeconds: 15,
    latenessSeconds: 5,
    warmupSeconds: 0,
    minDurationSeconds: 60,
    minSamples: 50,
    deadlineSeconds: 1800,
    onDeadline: 'hold',
    staleAfterSeconds: 60,
    bakeSeconds: 0,
  },
  budget: { falseRollback: 0.01, falsePromote: 0.05 },
  phases: [],
  metrics: [],
};

const errorRate: Evidence = {
  name: 'error-rate',
  metric: 'error-rate',
  role: 'critical',
  weight: 1,
  direction: 'increase',
  unit: 'ratio',
  assessment: 'safe',
  logHarm: Math.log(0.2),
  logSafe: Math.log(41.3),
  effect: { low: -0.0011, high: 0.0006, estimate: -0.0002 },
  effectKind: 'difference',
  margin: 0.0011,
  baseline: { count: 48_211, value: 0.004 },
  canary: { count: 5120, value: 0.0038 },
  enoughSamples: true,
  phi: 1,
  windows: 17,
  neededObservations: null,
  missing: null,
  warnings: [],
};

const nothingYet: Evidence = {
  ...errorRate,
  name: 'latency p95',
  assessment: 'undecided',
  logHarm: Number.NEGATIVE_INFINITY,
  logSafe: 0,
  effect: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, estimate: null },
  margin: Number.NaN,
  baseline: { count: 0, value: null },
  canary: { count: 0, value: Number.NaN },
  missing: { cause: 'absent', policy: 'hold', detail: 'no series' },
  warnings: ['no series'],
};

const holding: Verdict = {
  decision: 'hold',
  final: false,
  code: 'insufficient-evidence',
  reason: '1 of 2 metrics is safe',
  score: 61,
  evidence: [errorRate, nothingYet],
  guards: [{ guard: 'traffic-mix', logE: Number.NEGATIVE_INFINITY, alarm: false, detail: 'the same mix so far' }],
  elapsedSeconds: 255,
  etaSeconds: 240,
};

const run: Run = {
  id: 'run_01KH2M0Q3V7W00000000',
  mode: 'live',
  state: 'running',
  template,
  arguments: { service: 'checkout' },
  cohorts: {
    baseline: [{ attribute: 'service.version', operator: '=', value: '1.4.2' }],
    canary: [{ attribute: 'service.version', operator: '=', value: '1.5.0' }],
  },
  names: { baseline: '1.4.2', canary: '1.5.0' },
  labels: { pipeline: '4711' },
  phaseChanges: [{ at: new Date('2026-01-31T09:30:00Z'), weight: 0.05, phase: 0 }],
  createdAt: new Date('2026-01-31T09:30:01.234Z'),
  from: new Date('2026-01-31T09:30:00Z'),
  to: null,
  looks: 17,
  verdict: holding,
  finishedAt: null,
  rerunOf: null,
};

describe('a verdict on the wire', () => {
  it('is what the design promises, byte by byte', () => {
    expect(JSON.parse(JSON.stringify(verdictOnWire(run, url)))).toEqual({
      run: 'run_01KH2M0Q3V7W00000000',
      decision: 'hold',
      final: false,
      state: 'running',
      code: 'insufficient-evidence',
      reason: '1 of 2 metrics is safe',
      score: 61,
      looks: 17,
      elapsedSeconds: 255,
      etaSeconds: 240,
      phase: { index: 0, weight: 0.05 },
      template: `http-service@sha256:${'9f2c'.repeat(16)}`,
      metrics: [
        {
          name: 'error-rate',
          role: 'critical',
          assessment: 'safe',
          harm: { low: -0.0011, high: 0.0006 },
          margin: 0.0011,
          estimate: -0.0002,
          scale: 'difference',
          unit: 'ratio',
          baseline: { count: 48_211, value: 0.004 },
          canary: { count: 5120, value: 0.0038 },
          evidence: { harm: 0.2, safe: 41.3, logHarm: -1.60944, logSafe: 3.72086 },
          neededObservations: null,
          missing: null,
          judgedOnce: null,
          exemplars: [],
          warnings: [],
        },
        {
          name: 'latency p95',
          role: 'critical',
          assessment: 'undecided',
          harm: { low: null, high: null },
          margin: null,
          estimate: null,
          scale: 'difference',
          unit: 'ratio',
          baseline: { count: 0, value: null },
          canary: { count: 0, value: null },
          evidence: { harm: 0, safe: 1, logHarm: null, logSafe: 0 },
          neededObservations: null,
          missing: { cause: 'absent', policy: 'hold', detail: 'no series' },
          judgedOnce: null,
          exemplars: [],
          warnings: ['no series'],
        },
      ],
      guards: [{ guard: 'traffic-mix', alarm: false, evidence: 0, logEvidence: null, detail: 'the same mix so far' }],
      url: 'https://assay.example/v1/runs/run_01KH2M0Q3V7W00000000',
    });
  });

  it('is hold with every field before the first look', () => {
    const early = verdictOnWire({ ...run, looks: 0, verdict: null }, url);
    expect(early).toMatchObject({ decision: 'hold', final: false, code: 'insufficient-evidence', looks: 0, etaSeconds: null, metrics: [] });
    expect(early.reason).toBe('no look yet: the first one is taken 20 s after the start');
    expect(Object.keys(early)).toEqual(Object.keys(verdictOnWire(run, url)));
  });

  it('says that it is warming up where the template wants that', () => {
    const warming = { ...template, schedule: { ...template.schedule, warmupSeconds: 60 } };
    expect(verdictOnWire({ ...run, template: warming, looks: 0, verdict: null }, url)).toMatchObject({ decision: 'hold', code: 'warmup' });
  });

  it('is no success when the run was cancelled before the first look', () => {
    const cancelled = verdictOnWire({ ...run, state: 'cancelled', looks: 0, verdict: null }, url);
    expect(cancelled).toMatchObject({ decision: 'hold', final: true, code: 'cancelled', state: 'cancelled' });
  });

  it('has no field that JSON would lose, whatever the evidence is', () => {
    const number = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308, 5e-324),
    );
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        const metric = metricOnWire({
          ...errorRate,
          logHarm: a,
          logSafe: b,
          margin: c,
          effect: { low: a, high: b, estimate: c },
          canary: { count: a, value: b },
        });
        expect(JSON.parse(JSON.stringify(metric))).toEqual(metric);
        expect(metric.evidence.harm).toBeGreaterThanOrEqual(0);
        expect(metric.evidence.safe).toBeLessThanOrEqual(1e300);
      }),
    );
  });

  it.each([
    [0.1 + 0.2, 0.3],
    [-0, 0],
    [1 / 3, 0.333333],
    [123_456_789, 123_457_000],
    [5e-324, 5e-324],
    [null, null],
    [Number.NaN, null],
    [Number.NEGATIVE_INFINITY, null],
  ])('shows %p as %p', (value, shown) => {
    expect(finiteOrNull(value)).toBe(shown);
  });
});

describe('a run on the wire', () => {
  it('has its sides, its phases and its links', () => {
    expect(runOnWire(run, url)).toMatchObject({
      id: run.id,
      baseline: { name: '1.4.2', matchers: [{ attribute: 'service.version', operator: '=', value: '1.4.2' }] },
      canary: { name: '1.5.0' },
      phases: [{ at: '2026-01-31T09:30:00.000Z', index: 0, weight: 0.05 }],
      createdAt: '2026-01-31T09:30:01.234Z',
      to: null,
      finishedAt: null,
      verdict: { decision: 'hold' },
    });
  });

  it('says where to go after the start', () => {
    expect(startedOnWire(run, true, url)).toEqual({
      id: run.id,
      state: 'running',
      created: true,
      links: {
        self: `${url}/v1/runs/${run.id}`,
        verdict: `${url}/v1/runs/${run.id}/verdict`,
        events: `${url}/v1/runs/${run.id}/events`,
        looks: `${url}/v1/runs/${run.id}/looks`,
      },
    });
  });
});

describe('the tag of a verdict', () => {
  const tag = verdictTag(verdictOnWire(run, url));

  it('is the same for the same run and another after the next look, phase or end', () => {
    const others: Run[] = [
      { ...run, looks: 18 },
      { ...run, state: 'finished', verdict: { ...holding, final: true } },
      { ...run, phaseChanges: [...run.phaseChanges, { at: new Date(0), weight: 0.2, phase: 0 }] },
    ];
    expect(verdictTag(verdictOnWire({ ...run }, url))).toBe(tag);
    expect(others.map((other) => verdictTag(verdictOnWire(other, url)))).not.toContain(tag);
  });

  it.each([
    [tag, true],
    [`W/${tag}`, true],
    [`"other", ${tag}`, true],
    ['*', true],
    ['"other"', false],
    ['', false],
    [undefined, false],
  ])('is named by If-None-Match %p: %p', (header, expected) => {
    expect(matchesTag(header, tag)).toBe(expected);
  });
});
