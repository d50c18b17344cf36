import { describe, expect, it } from '@jest/globals';
import { judge } from '../../src/analysis/judge.js';
import type { MeasuredWindow, Sample, Template, Verdict } from '../../src/domain/index.js';
import { parseTemplate } from '../../src/templates/index.js';

/** What an engineer writes for errors: a hundredth more than the baseline is harm. */
function templateWith(metric: string): Template {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: sparse }
spec:
  schedule: { window: 60s, warmup: 0s, minDuration: 5m, minSamples: 5, deadline: 1d }
  metrics:
    - { name: errors, role: critical, source: metrics, ${metric} }
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join());
  return template;
}
const share = 'proportion: { of: { metric: requests }, events: { status: error } }, margin: { absolute: 0.01 }';
const rate = 'rate: { events: { metric: errors } }, margin: { relative: 0.25, absolute: 0.001 }';
const level = 'gauge: { of: { metric: errors } }, margin: { relative: 0.25 }';

const silent: Sample | { kind: 'gap'; cause: 'absent'; detail: string } = { kind: 'gap', cause: 'absent', detail: 'nothing came' };
const counts = (total: number, events: number): Sample => ({ kind: 'counts', total, events, pods: {} });
const perMinute = (events: number): Sample => ({ kind: 'rate', events, exposure: 60 });
const value = (level: number): Sample => ({ kind: 'level', value: level });

type Reading = MeasuredWindow['measurements'][number]['baseline'];

/** Every look of a run with a window a minute; the verdict that came last, and whether any look promoted. */
function verdictOf(metric: string, baseline: readonly Reading[], canary: readonly Reading[]): { verdict: Verdict; promoted: boolean } {
  const template = templateWith(metric);
  const windows = baseline.map((sample, index): MeasuredWindow => {
    const [from, to] = [index * 60_000, (index + 1) * 60_000];
    const measurement = { metric: 'errors', baseline: sample, canary: canary[index] ?? silent, warnings: [] };
    return { from, to, weight: null, phase: 0, measurements: [measurement], traffic: null };
  });
  let promoted = false;
  let verdict: Verdict | null = null;
  for (let seen = 1; seen <= windows.length; seen += 1) {
    verdict = judge({ template, from: new Date(0) }, windows.slice(0, seen), { intervals: 'none', previous: verdict });
    promoted ||= verdict.decision === 'promote';
  }
  if (!verdict) throw new Error('no windows');
  return { verdict, promoted };
}

/** Arrays that users of a Mann–Whitney judge reported because they passed. */
const reported = [
  { thread: 'spinnaker#6278', baseline: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], canary: [100, 100, 100, 100, 100, 100, 100, 1, 1, 1] },
  { thread: 'spinnaker#5622', baseline: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], canary: [0, 0.048, 0, 0.18, 0.089, 0, 0.098, 0.035, 0, 0] },
  { thread: 'kayenta#426', baseline: [0, 0, 0, 0, 0, 0], canary: [0, 1, 2, 1, 0, 0] },
];

describe('sparse data that a Mann–Whitney judge passed', () => {
  it.each(reported)('$thread is never promoted as a level', ({ baseline, canary }) => {
    expect(verdictOf(level, baseline.map(value), canary.map(value)).promoted).toBe(false);
  });

  it.each(reported)('$thread is never promoted as errors a minute', ({ baseline, canary }) => {
    const events = (values: readonly number[]): Sample[] => values.map((each) => perMinute(Math.ceil(each)));
    expect(verdictOf(rate, events(baseline), events(canary)).promoted).toBe(false);
  });

  it.each([10, 50])('none is promoted as errors of %i requests a minute', (requests) => {
    for (const { baseline, canary } of reported) {
      const counted = (values: readonly number[]): Sample[] => values.map((each) => counts(requests, Math.min(requests, Math.ceil(each))));
      expect(verdictOf(share, counted(baseline), counted(canary)).promoted).toBe(false);
    }
  });

  it('rolls back a canary with a hundred errors for one, of as many requests', () => {
    const [{ baseline, canary } = reported[0] ?? { baseline: [], canary: [] }] = reported;
    const counted = (values: readonly number[]): Sample[] => values.map((each) => counts(200, each));
    expect(verdictOf(share, counted(baseline), counted(canary)).verdict.decision).toBe('rollback');
  });
});

describe('no errors against some', () => {
  const minutes = 30;
  const quiet = Array.from({ length: minutes }, () => counts(100, 0));

  it.each([2, 3, 5])('is never promoted at %i errors in a hundred requests', (errors) => {
    const failing = Array.from({ length: minutes }, () => counts(100, errors));
    const { verdict, promoted } = verdictOf(share, quiet, failing);
    expect(promoted).toBe(false);
    expect(verdict.decision).toBe('rollback');
  });

  it('is never promoted while the errors come in one burst', () => {
    const burst = Array.from({ length: 10 }, (_, minute) => counts(100, minute === 4 ? 30 : 0));
    expect(verdictOf(share, quiet.slice(0, 10), burst).promoted).toBe(false);
  });

  it('promotes where neither has any and enough was seen, without a NaN', () => {
    const { verdict, promoted } = verdictOf(share, quiet, quiet);
    expect(promoted).toBe(true);
    expect(JSON.stringify(verdict)).not.toContain('NaN');
  });
});

describe('hardly any traffic', () => {
  it('holds on three requests a minute without an error', () => {
    const few = Array.from({ length: 30 }, () => counts(3, 0));
    expect(verdictOf(share, few, few)).toMatchObject({ promoted: false, verdict: { decision: 'hold' } });
  });

  it.each([
    ['canary', Array.from({ length: 30 }, () => counts(100, 0)), Array.from({ length: 30 }, () => silent)],
    ['baseline', Array.from({ length: 30 }, () => silent), Array.from({ length: 30 }, () => counts(100, 0))],
  ])('holds while the %s has none, and says so', (cohort, baseline, canary) => {
    const { verdict, promoted } = verdictOf(share, baseline, canary);
    expect(promoted).toBe(false);
    expect(verdict).toMatchObject({ decision: 'hold', code: 'no-data' });
    expect(verdict.reason).toContain(cohort);
  });

  it('holds when a canary that was fine falls silent', () => {
    const fine = Array.from({ length: 30 }, () => counts(20, 0));
    const { verdict, promoted } = verdictOf(share, fine, [...fine.slice(0, 5), ...Array.from({ length: 25 }, () => silent)]);
    expect(promoted).toBe(false);
    expect(verdict.code).toBe('no-data');
  });
});
