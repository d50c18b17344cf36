import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../test/support/random.js';
import type { Evidence, MeasuredWindow, Sample } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { judge } from './judge.js';

/** Ten percent, in the words of a template. */
const tenPercent = 'margin: { relative: 0.1, absolute: 0 }';

const start = Date.UTC(2026, 10, 2);

interface World {
  /** history, in windows */
  readonly before: number;
  /** levels of single pods are known */
  readonly pods: boolean;
  /** canary above the baseline of 50, where a pod's noise has sd 1.8 */
  readonly shift: number;
  /** shocks that all pods share, as sd; absent: 10 */
  readonly shared?: number;
  /** noise of a pod in the run is so many times that before it; absent: 1 */
  readonly louder?: number;
  /** baseline pods differ for good, as sd around their mean; absent: 0 */
  readonly unlike?: number;
  /** baseline pods; absent: 10 */
  readonly old?: number;
}

/** Evidence after 120 windows: ten pods beside five, noise of their own under shocks that all of them share. */
function evidenceIn(
  { before, pods, shift, shared = 10, louder = 1, unlike = 0, old = 10 }: World,
  limit = 'margin: { absolute: 0.01 }',
  podSpread = 'harm',
): Evidence {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: service.version, pod: k8s.pod.name, podSpread: ${podSpread} }
  schedule: { warmup: 0s, minDuration: 5m }
  metrics: [{ name: m, role: critical, source: metrics, gauge: { of: { metric: m } }, ${limit} }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  const random = seededRandom(17);
  const cohort = (count: number, shock: number, moved: number | readonly number[], [name, times]: readonly [string, number]): Sample => {
    const levels = Array.from(
      { length: count },
      (_, i) =>
        [`${name}-${i}`, 50 + shock + (typeof moved === 'number' ? moved : (moved[i] ?? 0)) + 1.8 * times * randomNormal(random)] as const,
    );
    const value = levels.reduce((sum, [, level]) => sum + level / count, 0);
    return { kind: 'level', value, ...(pods ? { pods: Object.fromEntries(levels) } : {}) };
  };
  const lasting = Array.from({ length: old }, (_, i) => (unlike * (i - (old - 1) / 2)) / Math.sqrt((old * (old + 1)) / 12));
  const windows = Array.from({ length: before + 120 }, (_, i): MeasuredWindow => {
    const from = start + (i - before) * 15_000;
    const shock = shared * randomNormal(random);
    const times = i < before ? 1 : louder;
    const [baseline, canary] = [cohort(old, shock, lasting, ['old', times]), cohort(5, shock, shift, ['new', times])];
    const measurement = { metric: 'm', baseline, canary, warnings: [] };
    return { from, to: from + 15_000, weight: null, phase: 0, measurements: [measurement] };
  });
  const { evidence } = judge({ template, from: new Date(start) }, windows.slice(before), { history: windows.slice(0, before) });
  return evidence[0] as Evidence;
}

describe('a gauge', () => {
  it('finds harm far below the shocks that both cohorts share, by the noise of single pods', () => {
    const known = evidenceIn({ before: 240, pods: true, shift: 1 });
    expect(known.assessment).toBe('harmful');
    expect(known.warnings).toEqual([]);
    expect(known.pods).toEqual({ baseline: 10, canary: 5, tau: expect.closeTo(0, 2), factor: expect.closeTo(1, 2) });
    expect(evidenceIn({ before: 240, pods: true, shift: 0 }).logHarm).toBeLessThan(0);
  });

  it('bets half on the run itself where the history does not tell pods apart', () => {
    const level = evidenceIn({ before: 240, pods: false, shift: 1 });
    const alone = evidenceIn({ before: 0, pods: false, shift: 1 });
    expect(level.assessment).toBe('harmful');
    expect(level.warnings).toEqual([expect.stringMatching(/^partly uncalibrated/)]);
    expect(alone.warnings).toEqual([expect.stringMatching(/^uncalibrated/)]);
  });

  it('is judged against a limit by the noise of its own level', () => {
    const limited = evidenceIn({ before: 240, pods: true, shift: 0 }, 'limit: 80');
    expect(limited).toMatchObject({ assessment: 'safe', effectKind: 'level', margin: 80, warnings: [] });
  });

  describe.each([
    { pods: true, before: 240 },
    { pods: false, before: 240 },
    { pods: false, before: 0 },
  ])('with a margin of 10 % (pods told apart: $pods, windows before: $before)', (known) => {
    const atShift = (shift: number, rule = tenPercent): Evidence => evidenceIn({ ...known, shift, shared: 0 }, rule);

    it('does not take a canary within it for harmful, on either side', () => {
      for (const shift of [0, 2, 4, -2, -4]) {
        expect(atShift(shift).logHarm).toBeLessThan(0.1);
        expect(atShift(shift, `${tenPercent}, harm: decrease`).logHarm).toBeLessThan(0.1);
      }
      expect(atShift(2.5, 'margin: { absolute: 5 }').logHarm).toBeLessThan(0.1);
    });

    it('finds a canary beyond it, on either side', () => {
      expect(atShift(7).assessment).toBe('harmful');
      expect(atShift(-7, `${tenPercent}, harm: decrease`).assessment).toBe('harmful');
      expect(atShift(7, 'margin: { absolute: 5 }').assessment).toBe('harmful');
    });
  });

  it.each([2, 10])('does not take noise that is %i times as large in both cohorts for harm', (louder) => {
    for (const pods of [true, false]) expect(evidenceIn({ before: 240, pods, shift: 0, shared: 0, louder }).logHarm).toBeLessThan(1);
  });

  describe('whose pods differ for good', () => {
    const unlike = { before: 240, pods: true, unlike: 2, shift: 2 };

    it('does not take a canary of five such pods for harmful, and says how far they may carry it', () => {
      const known = evidenceIn(unlike);
      expect(known.logHarm).toBeLessThan(0);
      expect(known.pods?.tau).toBeCloseTo(2 / 50, 2);
      expect(known.pods?.factor).toBeGreaterThan(1.05); // 2.82 · 2 · √(1/5 + 1/10) is 3.1 of 50
      expect(known.pods?.factor).toBeLessThan(1.08);
      expect(known.warnings).toEqual([
        expect.stringMatching(/^pods of the baseline differ by 4 % for good: harm must be beyond the margin by 3/),
      ]);
      expect(evidenceIn({ ...unlike, shift: 6 }).assessment).toBe('harmful');
    });

    it('is left to the template: neither margin gives way, or both', () => {
      const ignored = evidenceIn(unlike, undefined, 'ignore');
      expect(ignored).toMatchObject({ assessment: 'harmful', pods: { tau: 0, factor: 1 }, warnings: [] });
      const within = { ...unlike, shift: 3, shared: 0 };
      expect(evidenceIn(within, tenPercent).assessment).toBe('safe');
      expect(evidenceIn(within, tenPercent, 'strict').assessment).not.toBe('safe');
    });

    it('says that it does not know, of fewer than six', () => {
      expect(evidenceIn({ ...unlike, old: 5 }).warnings).toEqual([expect.stringMatching(/^fewer than six pods/)]);
    });
  });
});
