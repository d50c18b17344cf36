import { describe, expect, it } from '@jest/globals';
import { closedWindows } from '../../test/support/pushed-traffic.js';
import type { Cell, Verdict } from '../domain/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';

const start = Date.UTC(2026, 10, 2);

/** The last verdict on 80 windows of pushed telemetry, judged by one metric. */
function verdictOn(metric: string, cellsOf: (version: 'old' | 'new', index: number) => Partial<Cell>, judge = ''): Verdict | undefined {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0s, minDuration: 5m, minSamples: 30, deadline: 20m }
  ${judge}
  metrics: [{ name: m, role: critical, ${metric} }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  const cell = (version: 'old' | 'new', index: number): Cell => ({
    signal: 'sum',
    instrument: 'm',
    attributes: { 'service.version': version },
    count: 0,
    sum: 0,
    sumOfSquares: 0,
    last: 0,
    histogram: null,
    ...cellsOf(version, index),
  });
  const windows = closedWindows(start, 15, 80, (index) => ({
    old: { requests: 400, errors: 0, more: [cell('old', index)] },
    new: { requests: 100, errors: 0, more: [cell('new', index)] },
  }));
  const request = { template: 'shop', arguments: {}, baseline: 'old', canary: 'new', weight: null, labels: {}, idempotencyKey: null };
  const run = newRun(resolveArguments(template, {}), { ...request, from: new Date(start), to: new Date(start + 1_200_000) }, new Date());
  return [...replayRun(run, windows)].at(-1)?.verdict;
}

type World = (version: 'old' | 'new', index: number) => Partial<Cell>;
const counter =
  (old: number, now: number): World =>
  (version) => ({ count: version === 'old' ? old : now });
const values =
  (old: number, now: number): World =>
  (version) => {
    const [count, mean] = [200, version === 'old' ? old : now];
    return { signal: 'histogram', count, sum: count * mean, sumOfSquares: count * (mean ** 2 + 400) };
  };
const levels =
  (old: number, now: number): World =>
  (version, index) => {
    const level = (version === 'old' ? old : now) + 5 * Math.sin(index ** 2 * 1.7 + (version === 'old' ? 0 : 1));
    return { signal: 'gauge', count: 3, sum: 3 * level, sumOfSquares: 3 * level ** 2, last: level };
  };

const perSecond = 'source: metrics, rate: { events: { metric: m } }';
const perRequest = 'source: metrics, rate: { events: { metric: m }, per: { metric: m } }';
const mean = 'source: metrics, unit: EUR, mean: { of: { metric: m } }';
const gauge = 'source: metrics, gauge: { of: { metric: m } }';
const slow = 'source: traces, percentiles: { of: { kind: server }, at: 0.95 }';

describe('pushed telemetry, from what was measured to the verdict', () => {
  it.each<[string, string, World, Verdict['decision']]>([
    ['a rate that rose', `${perSecond}, margin: { relative: 0.5, absolute: 0.1 }`, counter(20, 60), 'rollback'],
    ['a rate as it was', `${perSecond}, margin: { relative: 0.5, absolute: 0.1 }`, counter(60, 60), 'promote'],
    ['a rate that fell where fewer is worse', `${perSecond}, harm: decrease, margin: { relative: 0.2 }`, counter(60, 20), 'rollback'],
    [
      'a rate that fell where neither is wanted',
      `${perSecond}, harm: either, margin: { relative: 0.2, absolute: 0.1 }`,
      counter(60, 20),
      'rollback',
    ],
    [
      'a rate that may move neither way, and did not',
      `${perSecond}, harm: either, margin: { relative: 0.4, absolute: 0.1 }`,
      counter(90, 90),
      'promote',
    ],
    ['a rate over its limit', `${perSecond}, limit: 3`, counter(20, 60), 'rollback'],
    ['a rate under its limit', `${perSecond}, limit: 6`, counter(20, 60), 'promote'],
    ['one event each, per itself', `${perRequest}, margin: { relative: 0.5, absolute: 0.1 }`, counter(60, 60), 'promote'],
    ['a mean that fell where fewer is worse', `${mean}, harm: decrease, margin: { relative: 0.05 }`, values(50, 40), 'rollback'],
    ['a mean as it was', `${mean}, harm: decrease, margin: { relative: 0.1 }`, values(50, 50), 'promote'],
    ['a mean that rose where neither is wanted', `${mean}, harm: either, margin: { relative: 0.05 }`, values(50, 60), 'rollback'],
    ['a mean that may move neither way, and did not', `${mean}, harm: either, margin: { relative: 0.2 }`, values(50, 50), 'promote'],
    ['a level that rose', `${gauge}, margin: { relative: 0.1 }`, levels(200, 260), 'rollback'],
    ['a level as it was', `${gauge}, margin: { relative: 0.1 }`, levels(200, 200), 'promote'],
    ['a level over its limit', `${gauge}, limit: 230`, levels(200, 260), 'rollback'],
    ['a level under its limit', `${gauge}, limit: 300`, levels(200, 260), 'promote'],
    ['a percentile within its limit', `${slow}, limit: 500ms`, counter(0, 0), 'promote'],
    ['a percentile beyond its limit', `${slow}, limit: 50ms`, counter(0, 0), 'rollback'],
    ['a percentile that may move neither way, and did not', `${slow}, harm: either, margin: { relative: 0.5 }`, counter(0, 0), 'promote'],
  ])('judges %s', (_, metric, world, decision) => {
    expect(verdictOn(metric, world)?.decision).toBe(decision);
  });

  const perThing = 'source: metrics, rate: { events: { metric: m, kind: error }, per: { metric: m } }, margin: { absolute: 0.05 }';
  it.each([['evidence'], ['fixed-horizon']])(
    'promotes a service without errors by the things its errors are counted among: %s',
    (judge) => {
      const schedule = judge === 'evidence' ? '' : `judge: ${judge}`;
      const verdict = verdictOn(perThing, counter(100, 60), schedule);
      expect(verdict?.reason).toMatch(/m: canary 0 against 0, .* canary and \d+ 000 baseline observations/);
      expect(verdict?.decision).toBe('promote');
    },
  );

  it('counts events of a rate per second, as a second proves nothing of a canary that gets no traffic', () => {
    const errors = perSecond.replace('metric: m', 'metric: m, kind: error');
    const verdict = verdictOn(`${errors}, margin: { absolute: 0.5 }`, counter(100, 60));
    expect(verdict).toMatchObject({ decision: 'hold', code: 'deadline' });
    expect(verdict?.reason).toContain('m has 0 canary and 0 baseline observations; at least 30');
  });

  it('gives each direction half of the weight, and says which one is meant', () => {
    const verdict = verdictOn(`${mean}, harm: either, margin: { relative: 0.2 }`, values(50, 50));
    expect(verdict?.evidence.map(({ name, weight }) => [name, weight])).toEqual([
      ['m (increase)', 0.5],
      ['m (decrease)', 0.5],
    ]);
  });

  it('never promotes on a counter that nobody sends', () => {
    const nothing = verdictOn(
      `${perSecond.replace('metric: m', 'metric: other')}, margin: { relative: 0.5, absolute: 0.1 }`,
      counter(20, 60),
    );
    expect(nothing?.decision).toBe('hold');
  });
});
