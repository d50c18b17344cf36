import { describe, expect, it } from '@jest/globals';
import {
  absent,
  counts,
  durations,
  errorRate,
  latency,
  minutes,
  type Sides,
  templateJudgedBy,
  verdictOn,
} from '../../test/support/once-judged.js';
import { randomNormal, randomPoisson, seededRandom } from '../../test/support/random.js';
import type { Sample } from '../domain/index.js';
import { fisherExact, proportionMarginTest } from '../statistics/index.js';

const margin = ', margin: { relative: 0.25, absolute: 0.002 }';
const slower = ', margin: { relative: 0.1 }';
const judged = (metrics: string, more = '') => templateJudgedBy('fixed-horizon', metrics, more);
const rates = (baseline: number, canary: number) => (): Sides => ({
  'error-rate': { baseline: counts(1000, baseline), canary: counts(1000, canary) },
});

describe('tests with a fixed horizon', () => {
  it('hold until the deadline and show counts only', () => {
    const verdict = verdictOn(judged(errorRate(margin)), minutes(59, rates(5, 90)));
    expect(verdict).toMatchObject({ decision: 'hold', code: 'before-horizon', score: 50, etaSeconds: 60 });
    expect(verdict.reason).toBe(
      'judged once, at the deadline, in 60 s: tests with a fixed horizon are not valid under peeking, so that no number is shown before',
    );
    const nothing = { test: 'two-proportion', pHarm: null, pHarmAdjusted: null, pSafe: null, seed: null };
    expect(verdict.evidence[0]).toMatchObject({ canary: { count: 57_000, value: null }, once: nothing, assessment: 'undecided' });
  });

  it('roll back harm beyond the margin, and say by which test and that it holds once', () => {
    const verdict = verdictOn(judged(errorRate(margin)), minutes(60, rates(5, 12)));
    expect(verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence', final: true });
    expect(verdict.reason).toMatch(
      /^error-rate: canary 1.2 % against 0.5 %, difference between .* two-proportion p .* for harm, 1 for safe; judged once, not valid under peeking$/,
    );
    const { pGreater, pLess } = proportionMarginTest(
      { events: 58 * 12, total: 58_000 },
      { events: 58 * 5, total: 58_000 },
      { ratio: 1.25, offset: 0.002 },
    );
    expect(verdict.evidence[0]?.once).toEqual({
      judge: 'fixed-horizon',
      test: 'two-proportion',
      pHarm: pGreater,
      pHarmAdjusted: pGreater,
      pSafe: pLess,
      seed: null,
    });
    expect(verdict.evidence[0]).toMatchObject({ assessment: 'harmful', logHarm: 0, logSafe: 0 });
  });

  it('promote what is within its margin, also without a single event', () => {
    for (const events of [5, 0]) {
      const verdict = verdictOn(judged(errorRate(margin)), minutes(60, rates(events, events)));
      expect(verdict).toMatchObject({ decision: 'promote', code: 'all-safe', final: true, score: 100 });
      expect(verdict.reason).toContain('not valid under peeking');
    }
  });

  it('hold, or do what onDeadline says, where neither is shown', () => {
    const open = minutes(60, rates(5, 8));
    expect(verdictOn(judged(errorRate(margin)), open)).toMatchObject({ decision: 'hold', code: 'deadline', final: true });
    expect(verdictOn(judged(errorRate(margin), ', onDeadline: rollback'), open)).toMatchObject({ decision: 'rollback', code: 'deadline' });
    expect(verdictOn(judged(errorRate(margin)), open.slice(0, 20), true)).toMatchObject({
      decision: 'hold',
      code: 'end-of-data',
      final: true,
    });
  });

  it('correct harm for the number of metrics, and safe for none', () => {
    const six = Array.from({ length: 6 }, (_, index) => errorRate(margin).replace('error-rate', `m${index}`)).join('');
    const one = { baseline: counts(1000, 5), canary: counts(1000, 5) };
    const odd = { baseline: counts(1000, 5), canary: counts(1000, 12) }; // alone it would be harmful
    const windows = minutes(23, () => Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`m${index}`, index === 0 ? odd : one])));
    const verdict = verdictOn(judged(six), windows, true);
    const once = verdict.evidence[0]?.once;
    if (once?.judge !== 'fixed-horizon' || once.pHarm === null) throw new Error('not tested');
    expect(once.pHarm).toBeLessThan(0.05);
    expect(once.pHarmAdjusted).toBeCloseTo(Math.min(1, 6 * once.pHarm), 12);
    expect(verdict.evidence[1]).toMatchObject({ assessment: 'safe' });
  });

  it('ask a metric of which both changes are harm two questions', () => {
    const verdict = verdictOn(judged(errorRate(`${margin}, harm: either`)), minutes(60, rates(50, 5)));
    expect(verdict.evidence.map(({ name, assessment, weight }) => [name, assessment, weight])).toEqual([
      ['error-rate (increase)', 'safe', 0.5],
      ['error-rate (decrease)', 'harmful', 0.5],
    ]);
    expect(verdict.evidence[1]?.effect.low).toBeGreaterThan(0.03);
  });
});

describe('each test', () => {
  const wobble = (minute: number): number => Math.sin(minute * 12.9898);

  it.each(['fisher', 'beta-binomial', 'mann-whitney', 'welch'])('%s finds and clears a share', (test) => {
    const template = judged(errorRate(`, margin: { relative: 0.25 }, test: ${test}`));
    const at = (canary: number) =>
      minutes(60, (minute) => ({
        'error-rate': {
          baseline: counts(1000, 50 + Math.round(9 * wobble(minute))),
          canary: counts(1000, canary + Math.round(9 * wobble(minute + 31))),
        },
      }));
    expect(verdictOn(template, at(80))).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
    expect(verdictOn(template, at(48))).toMatchObject({ decision: 'promote', code: 'all-safe' });
  });

  it('Fisher’s is R’s, at the odds that the margin accepts', () => {
    const windows = minutes(8, rates(3, 6));
    const once = verdictOn(judged(errorRate(', margin: { relative: 0.25 }, test: fisher')), windows, true).evidence[0]?.once;
    const { pGreater, pLess } = fisherExact({ events: 36, total: 6000 }, { events: 18, total: 6000 }, 0.95, 1.25);
    expect(once).toMatchObject({ pHarm: pGreater, pSafe: pLess });
  });

  it('the bootstrap finds and clears percentiles, from a seed that can be replayed', () => {
    const template = judged(latency(slower).replace('weighted', 'critical'));
    const at = (canary: number) =>
      minutes(60, (minute) => ({
        latency: { baseline: durations(100 + 20 * wobble(minute)), canary: durations(canary + 20 * wobble(minute + 5)) },
      }));
    const slow = verdictOn(template, at(200));
    expect(slow).toMatchObject({ decision: 'rollback' });
    expect(slow.evidence.map(({ name }) => name)).toEqual(['latency p50', 'latency p95']);
    expect(slow.evidence[0]?.once).toMatchObject({ test: 'bootstrap', pHarm: 1 / 2001 });
    expect(JSON.stringify(verdictOn(template, at(200)))).toBe(JSON.stringify(slow));
    const [one, other] = [slow, verdictOn({ ...template, hash: 'sha256:1' }, at(200))].map(({ evidence }) => evidence[0]?.once);
    expect(one).not.toEqual(other); // another seed
    const few = verdictOn(template, at(200).slice(0, 8), true);
    expect(few).toMatchObject({ decision: 'hold', code: 'end-of-data' });
    expect(few.evidence[0]?.warnings).toContain('too few windows of one form to resample');
  });

  it.each([
    ['rate', 'rate: { events: { kind: server } }', (level: number): Sample => ({ kind: 'rate', events: Math.round(level), exposure: 60 })],
    [
      'mean',
      'mean: { of: { kind: server }, value: basket }',
      (level: number): Sample => ({ kind: 'moments', count: 50, mean: level, variance: 400 }),
    ],
    ['gauge', 'gauge: { of: { metric: heap } }', (level: number): Sample => ({ kind: 'level', value: level })],
  ])('the usual one of a %s finds and clears', (kind, asked, sample) => {
    const source = kind === 'gauge' ? 'metrics' : 'traces';
    const template = judged(`    - { name: it, role: critical, source: ${source}, margin: { relative: 0.2 }, ${asked} }\n`);
    const at = (canary: number) =>
      minutes(60, (minute) => ({ it: { baseline: sample(300 + 30 * wobble(minute)), canary: sample(canary + 30 * wobble(minute + 9)) } }));
    expect(verdictOn(template, at(450))).toMatchObject({ decision: 'rollback' });
    expect(verdictOn(template, at(300))).toMatchObject({ decision: 'promote' });
  });

  it('Kolmogorov and Smirnov’s shows harm, and never decides', () => {
    const watched = judged(`${errorRate(margin)}${latency(`${slower}, test: kolmogorov-smirnov`).replace('weighted', 'informational')}`);
    const at = (canary: number) =>
      minutes(60, (minute) => ({
        ...rates(5, 5)(),
        latency: { baseline: durations(100 + 40 * wobble(minute)), canary: durations(canary + 40 * wobble(minute + 3)) },
      }));
    const slow = verdictOn(watched, at(200));
    expect(slow.decision).toBe('promote');
    expect(slow.evidence[1]).toMatchObject({ assessment: 'harmful', once: { pHarmAdjusted: null, pSafe: 1 } });
    expect(verdictOn(watched, at(60)).evidence[1]?.assessment).toBe('undecided');
  });
});

describe('what totals cannot tell', () => {
  it('is not asked of them: only the newest declared weight counts', () => {
    const rising = (minute: number): Sides => ({
      'error-rate': { baseline: counts(1000, minute < 30 ? 5 : 20), canary: counts(minute < 30 ? 50 : 1000, minute < 30 ? 0 : 20) },
    });
    const template = judged(errorRate(margin));
    const declared = verdictOn(
      template,
      minutes(60, rising, (minute) => (minute < 30 ? 0.05 : 0.5)),
    );
    expect(declared.evidence[0]).toMatchObject({ canary: { value: 0.02 }, baseline: { value: 0.02 } });
    expect(declared.evidence[0]?.warnings.join()).toContain('only the last 30 of 58 windows count');
    const undeclared = verdictOn(template, minutes(60, rising));
    expect(undeclared).toMatchObject({ decision: 'hold', code: 'deadline' });
    expect(undeclared.evidence[0]?.once).toMatchObject({ pHarm: null });
    expect(undeclared.evidence[0]?.warnings.join()).toContain("the canary's share of the traffic changed");
  });

  it('is missing data: it holds, fails or is left out as the template says', () => {
    const silent = minutes(60, () => ({ 'error-rate': { baseline: counts(1000, 5), canary: absent } }));
    expect(verdictOn(judged(errorRate(margin)), silent)).toMatchObject({ decision: 'hold', code: 'deadline' });
    expect(verdictOn(judged(errorRate(`${margin}, onNoData: fail`)), silent)).toMatchObject({ decision: 'rollback', code: 'no-data' });
    const rest = minutes(60, () => ({ ...rates(5, 5)(), latency: { baseline: durations(100), canary: absent } }));
    expect(verdictOn(judged(errorRate(margin) + latency(`${slower}, onNoData: ignore`)), rest).decision).toBe('promote');
    expect(verdictOn(judged(errorRate(margin)), []).decision).toBe('hold');
  });
});

describe('the error rates of tests with a fixed horizon', () => {
  /** Three metrics of independent observations, exactly at their margins or without harm. */
  const metrics =
    errorRate(`${margin}`) +
    latency(`${slower}, test: welch`) +
    '    - { name: heap, role: weighted, source: metrics, margin: { relative: 0.1 }, gauge: { of: { metric: heap } } }\n';
  const template = judged(metrics);
  const random = seededRandom(4);
  const world = (harm: number) =>
    minutes(40, () => {
      const median = (level: number) => durations(level * Math.exp(0.05 * randomNormal(random)), 400);
      const level = (mean: number): Sample => ({ kind: 'level', value: mean * (1 + 0.1 * randomNormal(random)) });
      return {
        'error-rate': { baseline: counts(1000, randomPoisson(20, random)), canary: counts(1000, randomPoisson(20 + harm * 7, random)) },
        latency: { baseline: median(100), canary: median(100 * (1 + 0.1 * harm)) },
        heap: { baseline: level(100), canary: level(100 * (1 + 0.1 * harm)) },
      };
    });

  it('are kept: at their margins few runs roll back and few are promoted', () => {
    const tally = { promote: 0, hold: 0, rollback: 0 };
    for (let run = 0; run < 60; run++) tally[verdictOn(template, world(1), true).decision] += 1;
    expect(tally.rollback).toBeLessThanOrEqual(4); // more have a chance of 0.03 % at an error rate of 1 %
    expect(tally.promote).toBeLessThanOrEqual(9); // 5 % of one metric alone is 3
    expect(tally.hold).toBeGreaterThan(45);
  });
});
