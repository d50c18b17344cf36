import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Evidence, Template } from '../domain/index.js';
import { decide } from './decide.js';
import type { Standing } from './phases-and-bake.js';
import { pooledLogHarm, scoreOf, verdictOf } from './verdict-of.js';

const budget = { falseRollback: 0.01, falsePromote: 0.05 };
const schedule = {
  windowSeconds: 15,
  latenessSeconds: 5,
  warmupSeconds: 60,
  minDurationSeconds: 300,
  minSamples: 100,
  deadlineSeconds: 3600,
  onDeadline: 'hold',
  staleAfterSeconds: 60,
  bakeSeconds: 0,
} as const;
const template = { name: 't', cohorts: { by: 'version', pod: null }, budget, schedule, phases: [], metrics: [] } as unknown as Template;

const safe: Evidence = {
  name: 'error-rate',
  metric: 'error-rate',
  role: 'critical',
  weight: 1,
  direction: 'increase',
  unit: 'ratio',
  assessment: 'safe',
  logHarm: -1,
  logSafe: Math.log(25),
  effect: { low: -0.001, high: 0.002, estimate: 0.0004 },
  effectKind: 'difference',
  margin: 0.005,
  baseline: { count: 48_211, value: 0.004 },
  canary: { count: 5_120, value: 0.0044 },
  enoughSamples: true,
  phi: 1.2,
  windows: 40,
  neededObservations: 0,
  missing: null,
  warnings: [],
};
const undecided: Evidence = { ...safe, name: 'latency p99', assessment: 'undecided', logSafe: Math.log(2), neededObservations: 2_400 };
const harmful: Evidence = {
  ...safe,
  assessment: 'harmful',
  logHarm: Math.log(450),
  logSafe: -3,
  canary: { count: 5_120, value: 0.019 },
  effect: { low: 0.009, high: 0.021, estimate: 0.015 },
};

const standing = (change: Partial<Standing> = {}): Standing => ({
  template,
  phase: 0,
  elapsedSeconds: 600,
  warmup: false,
  lastWindow: false,
  ...change,
});

describe('decide', () => {
  it('promotes when every gating metric is safe', () => {
    expect(decide(standing(), [safe])).toMatchObject({ decision: 'promote', final: true, code: 'all-safe' });
  });

  it('says which metric, by how much and on how many requests when it rolls back', () => {
    expect(decide(standing(), [harmful]).reason).toBe(
      'error-rate: canary 1.9 % against 0.4 %, difference between 0.9 pp and 2.1 pp, margin 0.5 pp, 5 120 canary and 48 211 baseline observations',
    );
  });

  it('never promotes nor rolls back while it warms up', () => {
    expect(decide(standing({ warmup: true }), [harmful])).toMatchObject({ decision: 'hold', code: 'warmup', final: false });
  });

  it('holds when nothing gates, and never promotes on informational metrics alone', () => {
    expect(decide(standing(), [{ ...safe, role: 'informational' }])).toMatchObject({ decision: 'hold', code: 'no-data' });
  });

  it.each([
    ['a source that does not answer', { cause: 'unavailable', policy: 'hold', detail: 'prometheus did not answer' }, 'source-unavailable'],
    ['a silent canary', { cause: 'stale', policy: 'hold', detail: 'no canary data for 75 s' }, 'no-data'],
  ] as const)('holds on %s although all that was seen is safe', (_, missing, code) => {
    const verdict = decide(standing(), [safe, { ...safe, name: 'latency p50', missing }]);
    expect(verdict).toMatchObject({ decision: 'hold', final: false, code });
    expect(verdict.reason).toContain(missing.detail);
  });

  it('rolls back on missing data only where the template says so', () => {
    const missing = { cause: 'absent', policy: 'fail', detail: 'no canary data at all' } as const;
    expect(decide(standing(), [{ ...safe, missing }])).toMatchObject({ decision: 'rollback', code: 'no-data', final: true });
  });

  it('leaves a metric out that may be missing, but not the last one', () => {
    const missing = { cause: 'absent', policy: 'ignore', detail: 'no data' } as const;
    expect(decide(standing(), [safe, { ...undecided, missing }]).decision).toBe('promote');
    expect(decide(standing(), [{ ...safe, missing }])).toMatchObject({ decision: 'hold', code: 'no-data' });
  });

  it('keeps the harm of a metric that goes missing although it may be missing', () => {
    const missing = { cause: 'stale', policy: 'ignore', detail: 'no canary data for 75 s' } as const;
    expect(decide(standing(), [safe, { ...harmful, name: 'crashes', missing }])).toMatchObject({
      decision: 'rollback',
      code: 'harm-evidence',
    });
    expect(decide(standing(), [safe, { ...undecided, logHarm: Math.log(8), missing }])).toMatchObject({
      decision: 'hold',
      code: 'harm-suspected',
    });
  });

  it('does not promote on too few observations or over fresh evidence of harm', () => {
    expect(decide(standing(), [{ ...safe, enoughSamples: false }]).code).toBe('min-samples');
    expect(decide(standing(), [{ ...safe, logHarm: Math.log(6) }]).code).toBe('harm-suspected');
  });

  it('waits for as many pods of the canary as the template asks for', () => {
    const asking = standing();
    const cohorts = { ...asking.template.cohorts, minCanaryPods: 2 };
    const strict = { ...asking, template: { ...asking.template, cohorts } };
    const served = (canary: number): Evidence => ({ ...safe, pods: { baseline: 5, canary, tau: 0, factor: 1 } });
    expect(decide(asking, [served(1)]).decision).toBe('promote');
    expect(decide(strict, [served(1)])).toMatchObject({
      decision: 'hold',
      code: 'min-samples',
      reason: 'the one gating metric is safe, but 1 pod of the canary served; at least 2 are needed to promote',
    });
    expect(decide(strict, [safe]).reason).toContain('no pod of the canary can be told apart');
    expect(decide(strict, [served(2)]).decision).toBe('promote');
  });

  describe('while the cohorts cannot be compared', () => {
    const mix = {
      guard: 'traffic-mix',
      logE: 9,
      alarm: true,
      detail: 'route /oops: 53 % of canary requests against 7 % of baseline',
    } as const;
    const split = {
      guard: 'sample-ratio',
      logE: 9,
      alarm: true,
      detail: 'the canary got 25 % of 50 000 observations, declared 50 %',
    } as const;
    const gone = { ...safe, missing: { cause: 'stale', policy: 'hold', detail: 'no baseline data for 75 s' } as const };

    it('holds although every metric is safe, and says why', () => {
      const verdict = decide(standing({ guards: [split, mix] }), [safe]);
      expect(verdict).toMatchObject({ decision: 'hold', final: false, code: 'traffic-mix' });
      expect(verdict.reason).toBe(`the cohorts cannot be compared: ${split.detail}; ${mix.detail}`);
      expect(decide(standing({ guards: [split] }), [safe]).code).toBe('sample-ratio-mismatch');
    });

    it('still rolls back on proven harm, and promotes where no guard alarms', () => {
      expect(decide(standing({ guards: [mix, split] }), [harmful])).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
      expect(decide(standing({ guards: [{ ...mix, alarm: false }] }), [safe]).decision).toBe('promote');
    });

    it('does not promote while a guard only suspects, and says that nothing is proven', () => {
      const suspect = { ...mix, alarm: false, suspected: true };
      const ratio = { ...split, alarm: false, suspected: true };
      const verdict = decide(standing({ guards: [suspect] }), [safe]);
      expect(verdict).toMatchObject({ decision: 'hold', final: false, code: 'traffic-mix' });
      expect(verdict.reason).toBe(`whether the cohorts can be compared is in doubt (suspected, not proven): ${mix.detail}`);
      expect(decide(standing({ guards: [ratio] }), [safe]).code).toBe('sample-ratio-mismatch');
      expect(decide(standing({ guards: [suspect] }), [undecided]).code).toBe('insufficient-evidence');
      expect(decide(standing({ guards: [suspect] }), [harmful]).decision).toBe('rollback');
      expect(decide(standing({ guards: [suspect], lastWindow: true }), [safe])).toMatchObject({ decision: 'hold', code: 'traffic-mix' });
      const bounded = { ...template, schedule: { ...schedule, onDeadline: 'promote-if-bounded' as const } };
      const late = decide(standing({ template: bounded, elapsedSeconds: 3600, guards: [suspect] }), [
        { ...undecided, effect: safe.effect },
      ]);
      expect(late).toMatchObject({ decision: 'hold', code: 'deadline' });
      expect(late.reason).toContain('suspected, not proven');
    });

    it('names another mix rather than data that is missing since, and a silent side rather than its share', () => {
      expect([[mix], [split]].map((guards) => decide(standing({ guards }), [gone]).code)).toEqual(['traffic-mix', 'no-data']);
    });

    it('keeps the reason where the data ends and at the deadline, and is never bounded enough to promote', () => {
      const bounded = { ...template, schedule: { ...schedule, onDeadline: 'promote-if-bounded' as const } };
      const late = decide(standing({ template: bounded, elapsedSeconds: 3600, guards: [mix] }), [safe]);
      expect(decide(standing({ lastWindow: true, guards: [mix] }), [safe])).toMatchObject({ code: 'traffic-mix', final: true });
      expect(late).toMatchObject({ decision: 'hold', code: 'deadline', final: true });
      expect(late.reason).toContain(mix.detail);
    });
  });

  it('says how far suspected harm is from proven: the interval of one metric is narrower than the budget of all', () => {
    const suspect = { ...undecided, name: 'errors', logHarm: Math.log(54) };
    expect(decide(standing(), [safe, { ...suspect, weight: 1 }]).reason).toContain(
      'harm suspected, not proven (evidence 27 of 100): errors: canary',
    );
  });

  it('says first that a cohort was never seen', () => {
    const unseen = { ...undecided, canary: { count: 0, value: null }, neededObservations: null };
    expect(decide(standing({ elapsedSeconds: 30 }), [unseen]).reason).toBe(
      "no canary data yet; check that it arrives and that the template's matchers select it; watched for 30 s of at least 5 min",
    );
  });

  it('forecasts when the slowest metric will be settled', () => {
    const verdict = decide(standing(), [safe, undecided]);
    expect(verdict.etaSeconds).toBe(Math.ceil((2_400 * 540) / 5_120)); // a minute of warm-up brought nothing
    expect(verdict.reason).toBe('1 of 2 metrics are safe; latency p99 needs about 2 400 more canary observations, 4 min at this rate');
  });

  it('lets the next weight begin when a phase is safe, and promotes in the last one', () => {
    const ladder = {
      ...template,
      phases: [
        { weight: 0.05, margins: {} },
        { weight: 0.5, margins: {} },
      ],
    };
    expect(decide(standing({ template: ladder }), [safe])).toMatchObject({ decision: 'promote', code: 'phase-safe', final: false });
    expect(decide(standing({ template: ladder, phase: 1 }), [safe])).toMatchObject({ decision: 'promote', code: 'all-safe', final: true });
  });

  it('never ends an early phase in promote: not at the deadline, and not where the data ends', () => {
    const phases = [0.05, 1].map((weight) => ({ weight, margins: {} }));
    const ladder = { ...template, phases };
    const bounded = { ...ladder, schedule: { ...schedule, onDeadline: 'promote-if-bounded' as const } };
    const ended = decide(standing({ template: ladder, lastWindow: true }), [safe]);
    expect(ended).toMatchObject({ decision: 'hold', code: 'end-of-data', final: true });
    expect(ended.reason).toBe('no more data to judge after 10 min: 1 of 1 metrics are safe, in phase 1 of 2');
    for (const one of [ladder, bounded])
      expect(decide(standing({ template: one, elapsedSeconds: 3600 }), [safe])).toMatchObject({
        decision: 'hold',
        code: 'deadline',
        final: true,
      });
  });

  describe('while it bakes', () => {
    const baking = { ...template, schedule: { ...schedule, bakeSeconds: 1800 } };
    const at = (elapsedSeconds: number, evidence: Evidence, bakingSince: number | null, change: Partial<Standing> = {}) =>
      decide(standing({ template: baking, elapsedSeconds, bakingSince, ...change }), [evidence]);
    const silent: Evidence = { ...safe, missing: { cause: 'stale', policy: 'hold', detail: 'no canary data for 75 s' } };

    it('says promote, not yet for good, and for how long it watches on', () => {
      expect(at(600, safe, null)).toMatchObject({ decision: 'promote', code: 'baking', final: false, bakingSince: 600, etaSeconds: 1800 });
      const later = at(900, safe, 600);
      expect(later).toMatchObject({ decision: 'promote', code: 'baking', final: false, bakingSince: 600, etaSeconds: 1500 });
      expect(later.reason).toBe(
        'the one gating metric is within its margin; baking: watched for another 25 min of 30 min, and harm still rolls back',
      );
    });

    it('promotes for good when the time is over, also beyond the deadline', () => {
      expect(at(2400, safe, 600)).toMatchObject({ decision: 'promote', code: 'all-safe', final: true });
      expect(at(4000, safe, 3000)).toMatchObject({ decision: 'promote', code: 'baking', final: false });
      expect(at(4800, safe, 3000)).toMatchObject({ decision: 'promote', code: 'all-safe', final: true });
      expect(at(2400, safe, 600)).not.toHaveProperty('bakingSince');
    });

    it('rolls back on harm', () => {
      expect(at(900, harmful, 600)).toMatchObject({ decision: 'rollback', code: 'harm-evidence', final: true });
    });

    it('neither promotes nor forgets when it began while data is missing or harm is suspected', () => {
      expect(at(900, silent, 600)).toMatchObject({ decision: 'hold', code: 'no-data', final: false, bakingSince: 600 });
      expect(at(2400, silent, 600)).toMatchObject({ decision: 'hold', code: 'no-data', final: false, bakingSince: 600 });
      expect(at(2400, { ...safe, logHarm: Math.log(6) }, 600)).toMatchObject({ code: 'harm-suspected', final: false, bakingSince: 600 });
      expect(at(2415, safe, 600)).toMatchObject({ decision: 'promote', code: 'all-safe', final: true });
    });

    it('waits as long again for what holds it up, and then ends as its author declared', () => {
      expect(at(4185, silent, 600).final).toBe(false);
      expect(at(4200, silent, 600)).toMatchObject({ decision: 'hold', code: 'deadline', final: true });
    });

    it('holds where the data ends before the bake, and begins anew after a step back', () => {
      expect(at(900, safe, 600, { lastWindow: true })).toMatchObject({ decision: 'hold', code: 'end-of-data', final: true });
      const phases = [0.5, 1].map((weight) => ({ weight, margins: {} }));
      expect(at(900, safe, 600, { template: { ...baking, phases }, phase: 0 })).not.toHaveProperty('bakingSince');
    });
  });

  it('ends a recorded stretch with a final hold', () => {
    expect(decide(standing({ lastWindow: true }), [undecided])).toMatchObject({ decision: 'hold', code: 'end-of-data', final: true });
  });

  describe('where the run ends', () => {
    const few = { ...safe, enoughSamples: false, canary: { count: 20, value: 0 } };
    const cohorts = { ...template.cohorts, minCanaryPods: 2 };
    it.each<[string, Partial<Standing>, Evidence, string]>([
      ['too few observations', {}, few, 'error-rate has 20 canary and 48 211 baseline observations; at least 100'],
      ['too few pods', { template: { ...template, cohorts } }, safe, 'no pod of the canary can be told apart; at least 2'],
      ['harm that is suspected', {}, { ...safe, logHarm: Math.log(6) }, 'there is fresh evidence of harm: error-rate'],
    ])('names what blocked promote: %s', (_, change, evidence, words) => {
      const end = decide(standing({ ...change, lastWindow: true }), [evidence]);
      const late = decide(standing({ ...change, elapsedSeconds: 3600 }), [evidence]);
      expect([end.code, late.code]).toEqual(['end-of-data', 'deadline']);
      expect(end.reason).toContain(words);
      expect(late.reason).toContain(words);
    });

    it('names the time that was not over', () => {
      const end = decide(standing({ elapsedSeconds: 60, lastWindow: true }), [safe]);
      expect(end.reason).toBe('no more data to judge after 60 s: 1 of 1 metrics are safe; watched for 60 s of at least 5 min');
      const baking = { ...template, schedule: { ...schedule, bakeSeconds: 1800 } };
      expect(decide(standing({ template: baking, lastWindow: true }), [safe]).reason).toContain('the bake of 30 min was not over');
    });
  });

  describe('promote-if-bounded', () => {
    const bounded = { ...template, schedule: { ...schedule, onDeadline: 'promote-if-bounded' as const } };
    const at = (times: number): Evidence => ({ ...undecided, effect: { ...undecided.effect, high: times * undecided.margin } });
    const late = (evidence: Evidence, one: Template = bounded, ...others: Evidence[]): string =>
      decide(standing({ template: one, elapsedSeconds: 3600 }), [evidence, ...others]).decision;

    it('promotes at the deadline what is shown to be within the deadline margin, and says that it promises less', () => {
      const verdict = decide(standing({ template: bounded, elapsedSeconds: 3600 }), [at(1.49)]);
      expect(verdict).toMatchObject({ decision: 'promote', code: 'deadline', final: true });
      expect(verdict.reason).toMatch(
        /^deadline of 60 min reached: within 1.5 times the margins, which the template takes as enough; 0 of 1/,
      );
      expect(late(at(1.51))).toBe('hold');
      expect(late(at(1.49), template)).toBe('hold');
    });

    it('asks for as much as the template says', () => {
      const upTo = (deadlineMargin: number): Template => ({ ...bounded, schedule: { ...bounded.schedule, deadlineMargin } });
      expect([1.9, 2.1].map((times) => late(at(times), upTo(2)))).toEqual(['promote', 'hold']);
      expect([0.9, 1.1].map((times) => late(at(times), upTo(1)))).toEqual(['promote', 'hold']);
    });

    it('never promotes while something is missing or rare, or while any metric looks harmful', () => {
      expect(late({ ...at(1), missing: { cause: 'stale', policy: 'hold', detail: 'no data' } })).toBe('hold');
      expect(late({ ...at(1), enoughSamples: false })).toBe('hold');
      expect(late({ ...at(1.4), logHarm: Math.log(6) })).toBe('hold');
      const left = { ...at(1), logHarm: Math.log(6), missing: { cause: 'stale', policy: 'ignore', detail: 'no data' } } as const;
      expect(late(at(1.4), bounded, left)).toBe('hold');
    });

    it('never promotes by an interval that knows nothing of days, or of pods that tighten the margin', () => {
      const baseline = { beforeSeconds: 86_400, references: 4, promote: true };
      expect(late(at(0.5), { ...bounded, cohorts: { ...bounded.cohorts, baseline } })).toBe('hold');
      const pods = { baseline: 10, canary: 1, tau: 0.3, factor: 2 };
      expect(late({ ...at(1.4), pods })).toBe('promote');
      expect(late({ ...at(1.4), pods }, { ...bounded, cohorts: { ...bounded.cohorts, podSpread: 'strict' } })).toBe('hold');
    });

    it('never stretches a limit, of which a share that must be high would always be within a multiple', () => {
      const level = { effectKind: 'level', margin: 0.99, effect: { low: 0.9, high: 0.98, estimate: 0.95 }, direction: 'decrease' } as const;
      expect(late({ ...undecided, ...level })).toBe('hold');
      expect(late({ ...safe, ...level }, bounded, at(1.4))).toBe('promote');
    });
  });
});

describe('verdictOf', () => {
  const metric = fc.record({
    role: fc.constantFrom('critical' as const, 'weighted' as const, 'informational' as const),
    weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
    logHarm: fc.double({ min: -50, max: 50, noNaN: true }),
    logSafe: fc.double({ min: -50, max: 50, noNaN: true }),
  });
  const input = fc.record({
    metrics: fc.array(metric, { maxLength: 6 }),
    elapsedSeconds: fc.integer({ min: 0, max: 5000 }),
    warmup: fc.boolean(),
    budget: fc.constant(budget),
    minDurationSeconds: fc.constant(300),
    deadlineSeconds: fc.constant(3600),
    onDeadline: fc.constantFrom('hold' as const, 'rollback' as const, 'promote-if-bounded' as const),
  });
  const rank = { rollback: 0, hold: 1, promote: 2 };

  it('never gets better for a canary that gets worse', () => {
    fc.assert(
      fc.property(input, fc.nat(), fc.double({ min: 0, max: 20, noNaN: true }), (look, index, worse) => {
        const metrics = look.metrics.map((one, at) =>
          at === index % Math.max(1, look.metrics.length) ? { ...one, logHarm: one.logHarm + worse, logSafe: one.logSafe - worse } : one,
        );
        expect(rank[verdictOf({ ...look, metrics }).decision]).toBeLessThanOrEqual(rank[verdictOf(look).decision]);
      }),
    );
  });

  it('does not depend on the order of the metrics', () => {
    fc.assert(fc.property(input, (look) => expect(verdictOf({ ...look, metrics: [...look.metrics].reverse() })).toEqual(verdictOf(look))));
  });

  it('rejects whenever one metric alone would with its share of the budget', () => {
    expect(
      pooledLogHarm([
        { role: 'critical', weight: 3, logHarm: Math.log((100 * 4) / 3), logSafe: 0 },
        { role: 'weighted', weight: 1, logHarm: Number.NEGATIVE_INFINITY, logSafe: 0 },
      ]),
    ).toBeCloseTo(Math.log(100), 12);
  });

  it('survives e-values beyond every double', () => {
    expect(
      pooledLogHarm([
        { role: 'critical', weight: 1, logHarm: 5000, logSafe: 0 },
        { role: 'critical', weight: 1, logHarm: 4990, logSafe: 0 },
      ]),
    ).toBeCloseTo(5000 + Math.log((1 + Math.exp(-10)) / 2), 9);
  });
});

describe('scoreOf', () => {
  it('is 100 when all is safe, 0 when harm is proven, 50 when nothing is known', () => {
    expect([scoreOf([safe], budget), scoreOf([harmful], budget), scoreOf([{ ...safe, logSafe: 0, logHarm: 0 }], budget)]).toEqual([
      100, 0, 50,
    ]);
  });
});
