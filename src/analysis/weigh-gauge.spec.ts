import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../test/support/random.js';
import type { Evidence, MeasuredWindow, Sample } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { judge } from './judge.js';

const start = Date.UTC(2026, 10, 2);

interface World {
  /** history, in windows */
  readonly before: number;
  /** levels of single pods are known */
  readonly pods: boolean;
  /** canary above the baseline, where a pod's noise has sd 1.8 */
  readonly shift: number;
}

/** Evidence after 120 windows: ten pods beside five, noise of their own under shocks that all of them share. */
function evidenceIn({ before, pods, shift }: World, limit = 'margin: { absolute: 0.01 }'): Evidence {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0s, minDuration: 5m }
  metrics: [{ name: m, role: critical, source: metrics, gauge: { of: { metric: m } }, ${limit} }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  const random = seededRandom(17);
  const cohort = (count: number, shock: number, moved: number, name: string): Sample => {
    const levels = Array.from({ length: count }, (_, i) => [`${name}-${i}`, 50 + shock + moved + 1.8 * randomNormal(random)] as const);
    const value = levels.reduce((sum, [, level]) => sum + level / count, 0);
    return { kind: 'level', value, ...(pods ? { pods: Object.fromEntries(levels) } : {}) };
  };
  const windows = Array.from({ length: before + 120 }, (_, i): MeasuredWindow => {
    const from = start + (i - before) * 15_000;
    const shock = 10 * randomNormal(random);
    const measurement = { metric: 'm', baseline: cohort(10, shock, 0, 'old'), canary: cohort(5, shock, shift, 'new'), warnings: [] };
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
    expect(known.pods).toEqual({ baseline: 10, canary: 5, tau: 0, factor: 1 });
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
});
