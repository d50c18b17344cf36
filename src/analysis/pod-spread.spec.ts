import { describe, expect, it } from '@jest/globals';
import type { Counts, Measurement, PodSpreadRule, Template } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { inWindow, PodSpread, podsOfCounts, podsOfRate, podsOfTail } from './pod-spread.js';

const template = (podSpread?: PodSpreadRule): Template => {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { pod: k8s.pod.name }
  metrics: [{ name: m, role: critical, source: traces, proportion: { events: { status: error }, of: { kind: server } }, margin: { relative: 0.1, absolute: 0.001 } }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  const { podSpread: _, ...cohorts } = template.cohorts;
  return { ...template, cohorts: podSpread ? { ...cohorts, podSpread } : cohorts };
};

const counts = (pods: Record<string, Counts>): Measurement['baseline'] => {
  const sum = (what: 'total' | 'events'): number => Object.values(pods).reduce((all, pod) => all + pod[what], 0);
  return { kind: 'counts', total: sum('total'), events: sum('events'), pods };
};
const named = (prefix: string, levels: readonly number[], total = 1000): Record<string, Counts> =>
  Object.fromEntries(levels.map((level, i) => [`${prefix}-${i}`, { total, events: Math.round(0.01 * total * level) }]));
const window = (baseline: Record<string, Counts>, canary: Record<string, Counts>): Measurement => ({
  metric: 'm',
  baseline: counts(baseline),
  canary: counts(canary),
  warnings: [],
});

const unlike = [0.6, 0.7, 0.8, 1, 1.2, 1.4, 1.7];
const history = Array.from({ length: 40 }, () => window(named('old', unlike), {}));
const spreadOf = (rule: PodSpreadRule | undefined, before: readonly Measurement[] = history): PodSpread =>
  new PodSpread({ template: template(rule), history: before }, podsOfCounts);
const run = (canary: readonly number[], baseline: readonly number[] = unlike): Measurement =>
  window(named('old', baseline), named('new', canary));

const margin = { relative: 0.1, absolute: 0 };
/** How many times the ratio of the margin is taken in the last of these windows, for harm and for safe. */
function roomIn(spread: PodSpread, ...windows: readonly Measurement[]): { harm: number; safe: number } {
  const pods = windows.map((reading) => spread.next(reading)).at(-1) ?? { canaryPods: 1, baselinePods: 1, phi: 1 };
  const { harm, safe } = spread.tau();
  return { harm: inWindow({ margin, factor: 1, tau: harm }, pods).factor, safe: inWindow({ margin, factor: 1, tau: safe }, pods).factor };
}

describe('PodSpread', () => {
  it('gives harm more room the fewer pods the canary has', () => {
    const [one, five] = [roomIn(spreadOf('harm'), run([1])), roomIn(spreadOf('harm'), run([1, 1, 1, 1, 1]))];
    expect(one.safe).toBe(1);
    expect(one.harm).toBeGreaterThan(2); // exp(2.33 · 0.36 · √(1 + 1/7))
    expect(one.harm).toBeLessThan(3);
    expect(five.harm).toBeLessThan(one.harm);
    expect(five.harm).toBeGreaterThan(1.3);
  });

  it('counts a pod without traffic for next to nothing', () => {
    const pair = (total: number): Measurement => window(named('old', unlike), { ...named('new', [1]), idle: { total, events: 0 } });
    expect(roomIn(spreadOf('harm'), pair(1)).harm).toBeGreaterThan(1.2 * roomIn(spreadOf('harm'), pair(1000)).harm);
  });

  it('keeps the pods of a window when there are more of them later', () => {
    const spread = spreadOf('harm');
    const early = spread.next(run([1]));
    const later = Array.from({ length: 50 }, () => spread.next(run([1, 1, 1, 1, 1]))).at(-1);
    expect(early.canaryPods).toBe(1);
    expect(later?.canaryPods).toBeCloseTo(5, 0);
  });

  it('tightens safety only where the template is strict', () => {
    const { harm, safe } = roomIn(spreadOf('strict'), run([1]));
    expect(harm * safe).toBeCloseTo(1, 12);
  });

  it('does nothing where the template says so, or was pinned before this was known', () => {
    expect(roomIn(spreadOf('ignore'), run([1]))).toEqual({ harm: 1, safe: 1 });
    expect(roomIn(spreadOf(undefined), run([1]))).toEqual({ harm: 1, safe: 1 });
  });

  it('learns in the run what no history tells, in steps', () => {
    const spread = spreadOf('harm', []);
    const rooms = Array.from({ length: 60 }, () => roomIn(spread, run([1])).harm);
    expect(rooms[0]).toBe(1);
    expect(rooms.at(-1)).toBeGreaterThan(2);
    expect(new Set(rooms).size).toBeLessThan(rooms.length / 3);
  });

  it('never takes the dispersion of a window from that window', () => {
    const many = (events: number): Measurement =>
      window(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`old-${i}`, { total: 100, events: i % 4 === 0 ? events : 0 }])), {});
    const spread = spreadOf('harm', [many(2)]);
    const [before, after] = [spread.next(many(40)).phi, spread.next(many(2)).phi];
    expect(before).toBeGreaterThan(1);
    expect(after).toBeGreaterThan(5 * before);
  });

  it('says what it used, and that a single pod proves little', () => {
    const spread = spreadOf('harm');
    const { harm } = roomIn(spread, run([1]));
    expect(spread.evidence().pods).toMatchObject({ baseline: 7, canary: 1, factor: harm });
    expect(spread.inWords()).toEqual([
      expect.stringContaining('with 1 canary and 7 baseline pods harm must be 2.'),
      expect.stringContaining('the canary has a single pod'),
    ]);
  });

  it('warns where fewer than six pods serve the baseline, of which nothing is learned, unless the template takes that risk', () => {
    const five = [0.5, 0.8, 1, 1.2, 1.6];
    const warningsOf = (rule: PodSpreadRule, before: readonly Measurement[]): string => {
      const spread = spreadOf(rule, before);
      for (let i = 0; i < 40; i += 1) spread.next(run([1, 1], five));
      return spread.inWords().join();
    };
    expect(warningsOf('harm', [])).toContain('fewer than 6 pods of the baseline were seen');
    expect(warningsOf('harm', history)).not.toContain('fewer than 6'); // before the run there were seven
    expect(warningsOf('ignore', [])).toBe('');
  });

  it('is silent where pods are not told apart', () => {
    const nameless = spreadOf('harm', []);
    nameless.next(window({ '': { total: 100, events: 1 } }, { '': { total: 100, events: 1 } }));
    expect(nameless.evidence()).toEqual({});
    expect(nameless.inWords()).toEqual([]);
  });

  it('reads pods of rates and of tails in either direction', () => {
    const rate = { kind: 'rate', events: 3, exposure: 30, pods: { a: { events: 3, exposure: 30 } } } as const;
    expect(podsOfRate(rate)?.get('a')).toEqual({ events: 3, total: 30 });
    const histogram = { kind: 'explicit', bounds: [1], counts: [9, 1] } as const;
    const tail = { kind: 'distribution', histogram, pods: { a: { total: 10, above: [4, 1] } } } as const;
    expect(podsOfTail(1, 'increase')(tail)?.get('a')).toEqual({ total: 10, events: 1 });
    expect(podsOfTail(1, 'decrease')(tail)?.get('a')).toEqual({ total: 10, events: 9 });
    expect(podsOfTail(0, 'increase')({ kind: 'distribution', histogram })).toBeNull();
  });
});
