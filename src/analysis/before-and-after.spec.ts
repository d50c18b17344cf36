import { describe, expect, it } from '@jest/globals';
import { closedWindows } from '../../test/support/pushed-traffic.js';
import { randomNormal, randomPoisson, seededRandom } from '../../test/support/random.js';
import type { ClosedWindow, Template, Verdict } from '../domain/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 9, 14);
const hour = 3600;

function templateOf({ promote = false, metrics = errorRate, window = '60s' } = {}): Template {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: service.version, baseline: { before: 1d, references: 4, promote: ${promote} } }
  schedule: { window: ${window}, warmup: 0s, minDuration: 5m, minSamples: 100, deadline: 1h }
  metrics: [${metrics}]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  return resolveArguments(template, {});
}
const errorRate = `{ name: error-rate, role: critical, source: traces, margin: { relative: 0.25, absolute: 0.001 }, proportion: { of: { kind: server }, events: { status: error } } }`;
const latency = `{ name: latency, role: critical, source: traces, margin: { relative: 0.5 }, percentiles: { of: { kind: server }, at: 0.95 } }`;
const retries = `{ name: errors, role: critical, source: traces, margin: { relative: 0.5, absolute: 0.01 }, rate: { events: { status: error }, per: { kind: server } } }`;

/** Each day the same hour and the hour before it: the old version until today, then the new one. `levels`: of the days, today last. */
function telemetry(
  levels: readonly number[],
  { times = 1, median = 0.1, seconds = 60, count = (expected: number) => Math.round(expected) } = {},
): ClosedWindow[] {
  return levels.flatMap((level, index) => {
    const daysAgo = levels.length - 1 - index;
    const version = daysAgo === 0 ? 'new' : `v${index}`;
    return closedWindows(start - daysAgo * day, seconds, hour / seconds, () => ({
      [version]: {
        requests: 6000,
        errors: count(6000 * 0.005 * level * (daysAgo === 0 ? times : 1)),
        median: daysAgo === 0 ? median : 0.1,
      },
    }));
  });
}

function lastVerdict(template: Template, stored: readonly ClosedWindow[]): Verdict | undefined {
  const request = { template: 'shop', arguments: {}, baseline: null, canary: 'new', weight: null, labels: {}, idempotencyKey: null };
  const to = new Date(start + hour * 1000);
  const run = newRun(template, { ...request, from: new Date(start), to }, to);
  return [...replayRun(run, stored)].at(-1)?.verdict;
}

const calm = [1.02, 0.98, 1.01, 0.99, 1];

describe('a release that is compared with the days before', () => {
  it('holds as observational although all is safe, and says what a comparison with history cannot exclude', () => {
    const verdict = lastVerdict(templateOf(), telemetry(calm));
    expect(verdict).toMatchObject({ decision: 'hold', final: true });
    expect(verdict?.reason).toContain('compared with history: a simultaneous external change cannot be excluded');
    expect(verdict?.evidence[0]).toMatchObject({ assessment: 'safe', baseline: { count: 4 * 100 * hour } });
  });

  it('promotes where the author took that risk', () => {
    expect(lastVerdict(templateOf({ promote: true }), telemetry(calm))).toMatchObject({
      decision: 'promote',
      code: 'all-safe',
      final: true,
    });
  });

  it.each([
    ['more errors', errorRate, { times: 4 }],
    ['more events per request', retries, { times: 4 }],
    ['slower answers', latency, { median: 0.3 }],
  ])('rolls back on %s than on any of them', (_, metrics, world) => {
    const verdict = lastVerdict(templateOf({ metrics }), telemetry(calm, world));
    expect(verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
    expect(verdict?.reason).toContain('compared with history');
    expect(lastVerdict(templateOf({ metrics }), telemetry(calm))?.decision).toBe('hold');
  });

  it('asks for more, the more the days differ among themselves', () => {
    const restless = [1.3, 0.7, 1.2, 0.8, 1];
    expect(lastVerdict(templateOf(), telemetry(calm, { times: 2 }))?.decision).toBe('rollback');
    const verdict = lastVerdict(templateOf(), telemetry(restless, { times: 2 }));
    expect(verdict?.decision).toBe('hold');
    expect(verdict?.evidence[0]?.warnings.join()).toContain('the level of the reference periods differs by up to');
  });

  it('holds without data where a reference period is missing', () => {
    const verdict = lastVerdict(
      templateOf({ promote: true }),
      telemetry(calm, { times: 4 }).filter(({ from }) => from < start - 3 * day || from > start - 2 * day),
    );
    expect(verdict?.decision).toBe('hold');
    expect(verdict?.reason).toContain('only 3 of 4 reference periods have data');
  });

  it('does not roll back healthy releases where days differ by 15 % (60 runs, seed 11)', () => {
    const random = seededRandom(11);
    const template = templateOf({ window: '300s' });
    const rolledBack = Array.from({ length: 60 }, () => {
      const levels = Array.from({ length: 5 }, () => Math.exp(0.15 * randomNormal(random)));
      const world = telemetry(levels, { seconds: 300, count: (expected) => randomPoisson(expected, random) });
      return lastVerdict(template, world)?.decision === 'rollback';
    }).filter(Boolean);
    expect(rolledBack.length).toBeLessThanOrEqual(1);
  });
});
