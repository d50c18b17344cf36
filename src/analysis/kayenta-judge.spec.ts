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
import { kayentaClassify } from '../statistics/index.js';

/** Shares that vary from window to window as they do anywhere. */
const errors = (minute: number, per1000: number): number => Math.round(per1000 * (1 + 0.3 * Math.sin(minute * 12.9898)));
const traffic =
  (baseline: number, canary: number) =>
  (minute: number): Sides => ({
    'error-rate': { baseline: counts(1000, errors(minute, baseline)), canary: counts(1000, errors(minute + 7, canary)) },
  });

describe("Kayenta's judge", () => {
  const template = templateJudgedBy('kayenta', errorRate());

  it('asks for one line only, and holds without a number until the deadline', () => {
    expect(template.judge).toEqual({ kind: 'kayenta', pass: 75, marginal: 50, decide: 'at-deadline', groups: null });
    const verdict = verdictOn(template, minutes(59, traffic(10, 90)));
    expect(verdict).toMatchObject({ decision: 'hold', code: 'before-horizon', final: false, score: 50, etaSeconds: 60 });
    expect(verdict.reason).toContain('not valid under peeking');
    expect(verdict.evidence[0]).toMatchObject({
      baseline: { count: 57_000, value: null },
      canary: { value: null },
      effect: { estimate: null },
    });
    expect(verdict.evidence[0]?.once).toMatchObject({ classification: null });
  });

  it('rolls back at the deadline what a critical metric finds, with the label in the reason and in the warnings', () => {
    const verdict = verdictOn(template, minutes(60, traffic(10, 30)));
    expect(verdict).toMatchObject({ decision: 'rollback', code: 'kayenta-fail', final: true, score: 0 });
    expect(verdict.reason).toMatch(
      /^Kayenta score 0 of 100 \(promote from 75, rollback below 50; not valid under peeking\): 0 of 1 pass; error-rate: High \(critical\)/,
    );
    expect(verdict.evidence[0]).toMatchObject({
      assessment: 'harmful',
      windows: 58,
      once: { judge: 'kayenta', classification: 'High', critical: true },
    });
    expect(verdict.evidence[0]?.warnings).toContain("Kayenta's judge is not valid under peeking");
  });

  it('promotes what it finds no difference in, and never calls it safe', () => {
    const verdict = verdictOn(template, minutes(60, traffic(10, 10)));
    expect(verdict).toMatchObject({ decision: 'promote', code: 'kayenta-pass', final: true, score: 100 });
    expect(verdict.evidence[0]).toMatchObject({ assessment: 'undecided', logHarm: 0, logSafe: 0, once: { classification: 'Pass' } });
  });

  it('says of each metric exactly what Kayenta says of the values of its windows', () => {
    const windows = minutes(60, traffic(10, 13));
    const values = (cohort: 'baseline' | 'canary') =>
      windows.slice(2).map(({ measurements: [reading] }) => {
        const sample = reading?.[cohort];
        return sample?.kind === 'counts' ? sample.events / sample.total : null;
      });
    const expected = kayentaClassify(values('baseline'), values('canary'), { direction: 'increase', critical: true });
    const { effect, once } = verdictOn(template, windows).evidence[0] ?? {};
    expect(effect).toEqual({ low: expected.shift?.lower, high: expected.shift?.upper, estimate: expected.shift?.estimate });
    expect(once).toMatchObject({ classification: expected.classification, critical: expected.critical, meanRatio: expected.deviation });
  });

  it('leaves the warm-up out, and judges nothing before minDuration is over', () => {
    const badStart = minutes(60, (minute) => traffic(10, minute < 2 ? 500 : 10)(minute));
    expect(verdictOn(template, badStart).decision).toBe('promote');
    expect(verdictOn(template, minutes(6, traffic(10, 90)), true)).toMatchObject({ decision: 'hold', code: 'end-of-data', final: true });
    expect(verdictOn(template, minutes(7, traffic(10, 90)), true)).toMatchObject({ decision: 'rollback', code: 'kayenta-fail' });
  });

  it('holds between the scores, or does what onDeadline says', () => {
    const two = [errorRate(), latency()]
      .join('')
      .replace('role: critical', 'role: weighted')
      .replace('name: latency, role: weighted', 'name: latency, role: critical');
    const slow = (minute: number): Sides => ({
      ...traffic(10, 30)(minute),
      latency: { baseline: durations(100 + (minute % 7)), canary: durations(100 + (minute % 7)) },
    });
    const options = '{ kind: kayenta, pass: 75, marginal: 50 }';
    expect(verdictOn(templateJudgedBy(options, two), minutes(60, slow))).toMatchObject({
      decision: 'hold',
      code: 'kayenta-marginal',
      final: true,
      score: 50,
    });
    const strict = templateJudgedBy(options, two, ', onDeadline: rollback');
    expect(verdictOn(strict, minutes(60, slow))).toMatchObject({ decision: 'rollback', code: 'deadline', score: 50 });
  });

  it('gives each metric the share of the score that its weight says, or its group', () => {
    const slow = (minute: number): Sides => ({
      ...traffic(10, 10)(minute),
      latency: { baseline: durations(100 + minute), canary: durations(180 + minute) },
    });
    const scoreOf = (judge: string, options: string): number =>
      verdictOn(templateJudgedBy(judge, errorRate() + latency(options)), minutes(60, slow)).score;
    expect(scoreOf('kayenta', '')).toBe(50);
    expect(scoreOf('kayenta', ', weight: 3')).toBe(25);
    expect(scoreOf('{ kind: kayenta, groups: { speed: 20 } }', ', kayenta: { groups: speed }')).toBe(80);
  });

  it('takes smaller changes than the author allows for none', () => {
    const allowed = templateJudgedBy('kayenta', errorRate(', kayenta: { allowedIncrease: 4 }'));
    expect(verdictOn(allowed, minutes(60, traffic(10, 30))).decision).toBe('promote');
    expect(verdictOn(allowed, minutes(60, traffic(10, 50))).decision).toBe('rollback');
  });

  it('turns harm that is a decrease, in the classification and in the shift', () => {
    const fewer = templateJudgedBy('kayenta', errorRate(', harm: decrease'));
    const verdict = verdictOn(fewer, minutes(60, traffic(300, 200)));
    expect(verdict.evidence[0]).toMatchObject({ assessment: 'harmful', once: { classification: 'Low' } });
    expect(verdict.evidence[0]?.effect.low).toBeGreaterThan(0.05);
    expect(verdictOn(fewer, minutes(60, traffic(200, 300))).decision).toBe('promote');
  });

  it('warns where values are smaller than Kayenta can tell apart', () => {
    const tiny = minutes(60, (minute) => ({
      'error-rate': { baseline: counts(1e6, errors(minute, 10)), canary: counts(1e6, errors(minute, 20)) },
    }));
    expect(verdictOn(template, tiny).evidence[0]?.warnings.join()).toMatch(/exact to 0.0001 only, which is 380 % of the largest value/);
    expect(verdictOn(template, minutes(60, traffic(10, 10))).evidence[0]?.warnings.join()).not.toContain('exact to');
  });
});

describe("Kayenta's judge without data", () => {
  const silent = (minute: number): Sides => ({ 'error-rate': { baseline: counts(1000, errors(minute, 10)), canary: absent } });

  it('holds for as long as it takes, whatever the score would be', () => {
    const verdict = verdictOn(templateJudgedBy('kayenta', errorRate()), minutes(60, silent));
    expect(verdict).toMatchObject({ decision: 'hold', code: 'deadline', final: true, score: 0 });
    expect(verdict.reason).toContain('no canary data at all');
    expect(verdictOn(templateJudgedBy('kayenta', errorRate()), minutes(20, silent)).code).toBe('no-data');
    expect(verdictOn(templateJudgedBy('kayenta', errorRate()), []).decision).toBe('hold');
  });

  it('rolls back at once where the template says that data must be there', () => {
    const must = templateJudgedBy('kayenta', errorRate(', onNoData: fail'));
    expect(verdictOn(must, minutes(10, silent))).toMatchObject({ decision: 'rollback', code: 'no-data', final: true });
  });

  it('leaves out what may be missing, and rolls back what the others find', () => {
    const both = templateJudgedBy('kayenta', errorRate() + latency(', onNoData: ignore'));
    const without =
      (canary: number) =>
      (minute: number): Sides => ({ ...traffic(10, canary)(minute), latency: { baseline: durations(100), canary: absent } });
    expect(verdictOn(both, minutes(60, without(10)))).toMatchObject({ decision: 'promote', score: 100 });
    expect(verdictOn(both, minutes(60, without(30)))).toMatchObject({ decision: 'rollback', code: 'kayenta-fail' });
  });

  it('never promotes on fewer observations than asked for, nor while a guard alarms', () => {
    const few = minutes(60, () => ({ 'error-rate': { baseline: counts(1000, 10), canary: counts(1, 0) } }));
    const lenient = templateJudgedBy('kayenta', errorRate(', harm: increase'));
    const verdict = verdictOn(lenient, few);
    expect(verdict).toMatchObject({ decision: 'hold', code: 'deadline' });
    expect(verdict.reason).toContain('at least 100 in each cohort are needed to promote');
    const shifted = minutes(60, traffic(10, 10)).map((window) => ({
      ...window,
      traffic: { attribute: 'http.route', baseline: { '/': 900, '/pay': 100 }, canary: { '/': 100, '/pay': 900 } },
    }));
    expect(verdictOn(templateJudgedBy('kayenta', errorRate()), shifted)).toMatchObject({ decision: 'hold', code: 'deadline' });
    expect(verdictOn(templateJudgedBy('kayenta', errorRate()), shifted.slice(0, 30)).code).toBe('traffic-mix');
  });
});

describe("Kayenta's judge at every look", () => {
  const template = templateJudgedBy('{ kind: kayenta, decide: at-every-look }', errorRate());

  it('rolls back as soon as the score is low, and promotes at the deadline only', () => {
    expect(verdictOn(template, minutes(6, traffic(10, 90))).code).toBe('before-horizon');
    const early = verdictOn(template, minutes(12, traffic(10, 90)));
    expect(early).toMatchObject({ decision: 'rollback', code: 'kayenta-fail', final: true });
    expect(early.reason).toContain('judged at every look, not valid under peeking');
    const healthy = verdictOn(template, minutes(30, traffic(10, 10)));
    expect(healthy).toMatchObject({ decision: 'hold', code: 'before-horizon', final: false, score: 100 });
    expect(healthy.reason).toContain('Kayenta score 100 so far');
    expect(verdictOn(template, minutes(60, traffic(10, 10)))).toMatchObject({ decision: 'promote', final: true });
  });
});
