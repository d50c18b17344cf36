import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MeasuredWindow, Metric, Sample, Template } from '../domain/index.js';
import type { ExponentialHistogram } from '../statistics/index.js';
import { judge } from './judge.js';

const holdAlways = { absent: 'hold', stale: 'hold', nan: 'hold', zero: 'hold' } as const;
const errorRate: Metric = {
  kind: 'proportion',
  name: 'error-rate',
  title: null,
  role: 'critical',
  weight: 1,
  source: 'traces',
  harm: 'increase',
  margin: { relative: 0.25, absolute: 0.002 },
  limit: null,
  onNoData: holdAlways,
  unit: 'ratio',
  events: { type: 'pushed', instrument: null, matchers: [{ attribute: 'status', operator: '=', value: 'error' }] },
  of: { type: 'pushed', instrument: null, matchers: [] },
};
const latency: Metric = {
  ...errorRate,
  kind: 'percentiles',
  name: 'latency',
  unit: 's',
  margin: { relative: 0.3, absolute: 0 },
  value: 'duration',
  at: [0.5, 0.95],
} as Metric;

const template = (metrics: readonly Metric[], change: Partial<Template['schedule']> = {}): Template => ({
  name: 'test',
  title: null,
  description: null,
  labels: {},
  hash: `sha256:${'0'.repeat(64)}`,
  arguments: {},
  cohorts: { by: 'service.version', pod: null },
  schedule: {
    windowSeconds: 15,
    latenessSeconds: 5,
    warmupSeconds: 0,
    minDurationSeconds: 60,
    minSamples: 100,
    deadlineSeconds: 3600,
    onDeadline: 'hold',
    staleAfterSeconds: 60,
    bakeSeconds: 0,
    ...change,
  },
  budget: { falseRollback: 0.01, falsePromote: 0.05 },
  phases: [],
  metrics,
});

const counts = (total: number, events: number): Sample => ({ kind: 'counts', total, events, pods: {} });
const gap = (cause: 'absent' | 'unavailable') => ({ kind: 'gap', cause, detail: `it is ${cause}` }) as const;

/** Values spread over buckets of an exponential histogram of scale 3 around `median` seconds. */
function durations(median: number, count: number): Sample {
  const middle = Math.round(Math.log2(median) * 8);
  const shape = [1, 3, 8, 18, 40, 18, 8, 3, 1];
  const histogram: ExponentialHistogram = {
    kind: 'exponential',
    scale: 3,
    zeroCount: 0,
    offset: middle - 5,
    counts: shape.map((part) => Math.round((part * count) / 100)),
  };
  return { kind: 'distribution', histogram };
}

type Reading = { baseline: Sample | ReturnType<typeof gap>; canary: Sample | ReturnType<typeof gap> };

const start = Date.UTC(2026, 10, 1);
const run = (metrics: readonly Metric[], change?: Partial<Template['schedule']>) => ({
  template: template(metrics, change),
  from: new Date(start),
});
const windowsOf = (readings: readonly Record<string, Reading>[]): MeasuredWindow[] =>
  readings.map((reading, index) => ({
    from: start + index * 15_000,
    to: start + (index + 1) * 15_000,
    weight: null,
    phase: 0,
    measurements: Object.entries(reading).map(([metric, sides]) => ({ metric, ...sides, warnings: [] })),
  }));
const repeated = (times: number, reading: Record<string, Reading>): MeasuredWindow[] =>
  windowsOf(Array.from({ length: times }, () => reading));

describe('judge', () => {
  it('rolls back a canary with many errors and says by how much', () => {
    const verdict = judge(run([errorRate]), repeated(12, { 'error-rate': { baseline: counts(900, 4), canary: counts(100, 6) } }));
    expect(verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence', final: true });
    expect(verdict.reason).toContain('error-rate: canary 6 % against 0.444 %');
    expect(verdict.evidence[0]?.effect.low).toBeGreaterThan(0.003);
  });

  it('promotes a canary that behaves like the baseline', () => {
    const verdict = judge(run([errorRate]), repeated(60, { 'error-rate': { baseline: counts(900, 4), canary: counts(900, 4) } }));
    expect(verdict).toMatchObject({ decision: 'promote', code: 'all-safe' });
  });

  it('promotes without a single error on either side, and gives no NaN on the way', () => {
    const verdict = judge(run([errorRate]), repeated(60, { 'error-rate': { baseline: counts(500, 0), canary: counts(500, 0) } }));
    expect(verdict.decision).toBe('promote');
    expect(verdict.evidence[0]?.canary).toEqual({ count: 30_000, value: 0 });
    expect(Object.values(verdict.evidence[0] ?? {}).filter(Number.isNaN)).toEqual([]);
  });

  it('needs the whole warm-up to pass before anything counts', () => {
    const windows = repeated(4, { 'error-rate': { baseline: counts(900, 4), canary: counts(900, 450) } });
    expect(judge(run([errorRate], { warmupSeconds: 60 }), windows)).toMatchObject({ decision: 'hold', code: 'warmup' });
    expect(judge(run([errorRate], { warmupSeconds: 30 }), windows).decision).toBe('hold');
  });

  it('holds on a source that stopped answering and goes on when it is back', () => {
    const healthy = { 'error-rate': { baseline: counts(900, 4), canary: counts(900, 4) } };
    const dead = { 'error-rate': { baseline: gap('unavailable'), canary: gap('unavailable') } };
    const readings = [...Array.from({ length: 60 }, () => healthy), dead];
    expect(judge(run([errorRate]), windowsOf(readings))).toMatchObject({ decision: 'hold', code: 'source-unavailable' });
    expect(judge(run([errorRate]), windowsOf([...readings, healthy])).decision).toBe('promote');
  });

  it('holds when the canary falls silent for longer than the template allows', () => {
    const silent = { 'error-rate': { baseline: counts(900, 4), canary: gap('absent') } };
    const healthy = { 'error-rate': { baseline: counts(900, 4), canary: counts(900, 4) } };
    const verdict = judge(
      run([errorRate]),
      windowsOf([...Array.from({ length: 60 }, () => healthy), ...Array.from({ length: 4 }, () => silent)]),
    );
    expect(verdict).toMatchObject({ decision: 'hold', code: 'no-data' });
    expect(verdict.reason).toContain('no canary data for 60 s');
  });

  it('finds a slow canary by its percentiles and names the percentile', () => {
    const verdict = judge(run([latency]), repeated(12, { latency: { baseline: durations(0.1, 200), canary: durations(0.2, 200) } }));
    expect(verdict.decision).toBe('rollback');
    expect(verdict.reason).toMatch(/^latency p(50|95): canary \d+ ms against \d+ ms/);
  });

  it('goes on when a service changes from classic to exponential histograms in the middle of a run', () => {
    const classic = (): Sample => ({
      kind: 'distribution',
      histogram: { kind: 'explicit', bounds: [0.05, 0.1, 0.2, 0.4], counts: [20, 100, 60, 15, 5] },
    });
    const before = Array.from({ length: 10 }, () => ({ latency: { baseline: classic(), canary: classic() } }));
    const after = Array.from({ length: 40 }, () => ({ latency: { baseline: durations(0.1, 400), canary: durations(0.1, 400) } }));
    expect(judge(run([latency]), windowsOf([...before, ...after])).decision).toBe('promote');
  });

  it('promotes an equally fast canary', () => {
    const verdict = judge(run([latency]), repeated(40, { latency: { baseline: durations(0.1, 400), canary: durations(0.1, 400) } }));
    expect(verdict.decision).toBe('promote');
  });

  it('judges a conversion that falls, and one that may not move either way', () => {
    const falling = { conversion: { baseline: counts(800, 320), canary: counts(800, 200) } };
    const conversion: Metric = { ...errorRate, name: 'conversion', harm: 'decrease', margin: { relative: 0.05, absolute: 0 } };
    expect(judge(run([conversion]), repeated(20, falling)).decision).toBe('rollback');
    expect(judge(run([{ ...conversion, harm: 'either' }]), repeated(20, falling)).decision).toBe('rollback');
    const steady = { conversion: { baseline: counts(3000, 1200), canary: counts(3000, 1200) } };
    expect(judge(run([{ ...conversion, harm: 'either', margin: { relative: 0.2, absolute: 0 } }]), repeated(40, steady)).decision).toBe(
      'promote',
    );
  });

  it('judges an absolute limit without asking the baseline', () => {
    const limit: Metric = { ...latency, name: 'p95-limit', margin: null, limit: 0.5, at: [0.95] } as Metric;
    const fast = { 'p95-limit': { baseline: gap('absent'), canary: durations(0.1, 400) } };
    const slow = { 'p95-limit': { baseline: gap('absent'), canary: durations(0.6, 400) } };
    expect(judge(run([limit]), repeated(20, fast)).decision).toBe('promote');
    expect(judge(run([limit]), repeated(20, slow)).decision).toBe('rollback');
  });

  it('judges events per second, against the baseline and against a limit', () => {
    const rate = (events: number): Sample => ({ kind: 'rate', events, exposure: 15 });
    const retries: Metric = {
      ...errorRate,
      kind: 'rate',
      name: 'retries',
      unit: '1/s',
      margin: { relative: 0.5, absolute: 0.1 },
      per: 'second',
    } as Metric;
    const limit = { ...retries, margin: null, limit: 3 };
    const more = { retries: { baseline: rate(20), canary: rate(60) } };
    const same = { retries: { baseline: rate(20), canary: rate(20) } };
    expect(judge(run([retries]), repeated(30, more)).decision).toBe('rollback');
    expect(judge(run([retries]), repeated(60, same)).decision).toBe('promote');
    expect(judge(run([limit]), repeated(30, more)).decision).toBe('rollback');
    expect(judge(run([limit]), repeated(60, same)).decision).toBe('promote');
  });

  it('judges a mean that moves against its noise, in either direction', () => {
    const basket = (mean: number): Sample => ({ kind: 'moments', count: 200, mean, variance: 400 });
    const value: Metric = {
      ...errorRate,
      kind: 'mean',
      name: 'basket',
      unit: 'EUR',
      harm: 'decrease',
      margin: { relative: 0.05, absolute: 0 },
      value: 'basket.value',
    } as Metric;
    expect(judge(run([value]), repeated(40, { basket: { baseline: basket(50), canary: basket(40) } })).decision).toBe('rollback');
    expect(judge(run([value]), repeated(40, { basket: { baseline: basket(50), canary: basket(50) } })).decision).toBe('promote');
    expect(
      judge(run([{ ...value, harm: 'increase' }]), repeated(40, { basket: { baseline: basket(50), canary: basket(40) } })).decision,
    ).toBe('promote');
  });

  it('judges a level by its own noise and says that it is not calibrated', () => {
    const heap: Metric = { ...errorRate, kind: 'gauge', name: 'heap', unit: 'MB', margin: { relative: 0.1, absolute: 0 } } as Metric;
    const wobble = (level: number, index: number): Sample => ({ kind: 'level', value: level + 10 * Math.sin(index ** 2 * 1.7) });
    const world = (canary: number) =>
      windowsOf(Array.from({ length: 60 }, (_, i) => ({ heap: { baseline: wobble(200, i), canary: wobble(canary, i + 3) } })));
    expect(judge(run([heap]), world(260)).decision).toBe('rollback');
    const safe = judge(run([heap]), world(200));
    expect(safe.decision).toBe('promote');
    expect(safe.evidence[0]?.warnings[0]).toMatch(/^uncalibrated/);
  });

  it('finds harm sooner when it knows the noise of the baseline from before the run', () => {
    const world = (baseline: number, canary: number) => ({
      'error-rate': { baseline: counts(900, baseline), canary: counts(100, canary) },
    });
    const uneven = [1, 6, 3, 8, 2, 4, 7, 3];
    const windows = windowsOf(uneven.map((errors) => world(errors, 4)));
    const history = Array.from({ length: 240 }, (_, index) => ({
      ...(windowsOf([world(4, 0)])[0] as MeasuredWindow),
      from: start - (240 - index) * 15_000,
      to: start - (239 - index) * 15_000,
    }));
    const alone = judge(run([errorRate]), windows).evidence[0];
    const knowing = judge(run([errorRate]), windows, { history }).evidence[0];
    expect(alone?.phi).toBeGreaterThan(knowing?.phi ?? Number.NaN);
    expect(knowing?.logHarm).toBeGreaterThan(alone?.logHarm ?? Number.NaN);
  });

  it('finds an outage that begins late within six windows, against a baseline and against a limit', () => {
    const limited: Metric = { ...errorRate, name: 'limited', margin: null, limit: 0.01 };
    const world = (canary: number) => ({
      'error-rate': { baseline: counts(500, 0), canary: counts(500, canary) },
      limited: { baseline: counts(500, 0), canary: counts(500, canary) },
    });
    const windows = windowsOf(Array.from({ length: 46 }, (_, index) => world(index < 40 ? 0 : 500)));
    for (const metric of [errorRate, limited]) expect(judge(run([metric]), windows).decision).toBe('rollback');
  });

  it('survives a change of the traffic split while the base rate rises, where pooling would not', () => {
    const readings = Array.from({ length: 90 }, (_, index) => {
      const share = index < 30 ? 0.05 : index < 60 ? 0.2 : 0.5;
      const rate = 0.005 * (1 + index / 45);
      const canary = Math.round(1500 * share);
      const baseline = 1500 - canary;
      return {
        'error-rate': { baseline: counts(baseline, Math.round(baseline * rate)), canary: counts(canary, Math.round(canary * rate)) },
      };
    });
    expect(judge(run([errorRate]), windowsOf(readings)).decision).not.toBe('rollback');
  });

  it('gives the same bytes for the same windows', () => {
    const windows = repeated(10, {
      'error-rate': { baseline: counts(900, 7), canary: counts(300, 5) },
      latency: { baseline: durations(0.1, 200), canary: durations(0.11, 200) },
    });
    const once = JSON.stringify(judge(run([errorRate, latency]), windows));
    expect(JSON.stringify(judge(run([errorRate, latency]), structuredClone(windows)))).toBe(once);
  });

  it('never turns hold or rollback into promote when the canary gets more errors', () => {
    const rank = { rollback: 0, hold: 1, promote: 2 };
    const world = fc.array(fc.record({ errors: fc.integer({ min: 0, max: 12 }), extra: fc.integer({ min: 0, max: 30 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(world, (windows) => {
        const of = (more: boolean) =>
          windowsOf(
            windows.map(({ errors, extra }) => ({
              'error-rate': { baseline: counts(600, 4), canary: counts(600, errors + (more ? extra : 0)) },
            })),
          );
        const [as, worse] = [
          judge(run([errorRate]), of(false), { intervals: 'none' }),
          judge(run([errorRate]), of(true), { intervals: 'none' }),
        ];
        expect(rank[worse.decision]).toBeLessThanOrEqual(rank[as.decision]);
      }),
      { numRuns: 60 },
    );
  });
});
