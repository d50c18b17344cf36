import { describe, expect, it } from '@jest/globals';
import { randomPoisson, seededRandom } from '../../test/support/random.js';
import type { Counts, MeasuredWindow, Measurement, Template, Verdict } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { newRunJudge } from './judge.js';

const start = Date.UTC(2026, 10, 9, 14);
const windows = 40;
const share = 0.005;

/** The margin is at 1.45 times the errors, the deadline margin at 1.675 times. */
const template = ((): Template => {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: service.version }
  schedule: { warmup: 0s, minDuration: 0s, deadline: 10m, onDeadline: promote-if-bounded }
  metrics: [{ name: m, role: critical, source: traces, proportion: { events: { status: error }, of: { kind: server } }, margin: { relative: 0.25, absolute: 0.001 } }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  return template;
})();

/** The last verdict on a canary with so many times the errors, on half of 3 000 requests in each window. */
function lastVerdict(times: number, random: () => number): Verdict {
  const counts = (total: number, rate: number): Counts & { readonly kind: 'counts'; readonly pods: Record<string, never> } => ({
    kind: 'counts',
    total,
    events: randomPoisson(total * rate, random),
    pods: {},
  });
  const windowAt = (index: number, measurement: Measurement): MeasuredWindow => {
    const from = start + index * 15_000;
    return { from, to: from + 15_000, weight: 0.5, phase: 0, measurements: [measurement] };
  };
  const before = { kind: 'gap', cause: 'absent', detail: 'none' } as const;
  const history = Array.from({ length: 60 }, (_, index) =>
    windowAt(index - 60, { metric: 'm', baseline: counts(3000, share), canary: before, warnings: [] }),
  );
  const judge = newRunJudge({ template, from: new Date(start) }, history);
  for (let index = 0; ; index += 1) {
    const [baseline, canary] = [counts(1500, share), counts(1500, times * share)];
    judge.add(windowAt(index, { metric: 'm', baseline, canary, warnings: [] }));
    const verdict = judge.verdict({ intervals: index === windows - 1 ? 'exact' : 'none' });
    if (verdict.final) return verdict;
  }
}

const promotedOf = (count: number, times: number): Verdict[] => {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => lastVerdict(times, random)).filter(({ decision }) => decision === 'promote');
};

describe('a promote at the deadline', () => {
  it('comes to what is not yet safe but within the deadline margin', () => {
    expect(promotedOf(20, 1.2).filter(({ code }) => code === 'deadline').length).toBeGreaterThanOrEqual(2);
  });

  it('comes to what is at the deadline margin in no more than falsePromote of the runs', () => {
    expect(promotedOf(40, 1.675).length).toBeLessThanOrEqual(2);
  });
});
