import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../test/support/random.js';
import type { Measurement, Sample, Template } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { weighMean } from './weigh-mean.js';
import type { Finding } from './weighing.js';

const template = ((): Template => {
  const { template: parsed, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  metrics: [{ name: basket, role: critical, unit: EUR, source: metrics, mean: { of: { metric: basket } }, margin: { relative: 0.1 } }]
`);
  if (!parsed) throw new Error(issues.map(({ message }) => message).join('; '));
  return parsed;
})();

const harmful = Math.log(1 / template.budget.falseRollback);
const values = (mean: number, count = 500, variance = 100): Sample => ({ kind: 'moments', count, mean, variance });
const window = (canary: Measurement['canary'], baseline: Sample = values(50)): Measurement => ({
  metric: 'basket',
  baseline,
  canary,
  warnings: [],
});
const nothing: Measurement['canary'] = { kind: 'gap', cause: 'absent', detail: 'none' };
const calm = new Array<Measurement>(20).fill(window(values(50)));

/** What is found after each of these windows. */
function found(windows: readonly Measurement[], history: readonly Measurement[] = []): Finding[] {
  const metric = template.metrics[0];
  if (metric === undefined) throw new Error('no metric');
  const weigher = weighMean({ template, metric, history, starts: [] });
  return windows.flatMap((reading) => {
    weigher.add(reading);
    return weigher.findings({ phase: 0, intervals: 'exact' });
  });
}
const last = (windows: readonly Measurement[], history?: readonly Measurement[]): Finding => found(windows, history).at(-1) as Finding;

/** Independent values, but each of them `times` over. */
function repeated(times: number, random: () => number): Sample {
  const users = 500 / times;
  return values(50 + (10 / Math.sqrt(users)) * randomNormal(random));
}

describe('a mean', () => {
  it('says nothing in fewer than ten windows, however many values they hold', () => {
    const findings = found(new Array<Measurement>(10).fill(window(values(80, 1e6))));
    expect(findings.slice(0, 9)).toEqual(findings.slice(0, 9).map((each) => ({ ...each, logHarm: 0, logSafe: 0 })));
    expect(findings[8]?.effect.low).toBe(Number.NEGATIVE_INFINITY);
    expect(findings[9]?.logHarm).toBeGreaterThan(harmful);
    expect(findings[9]?.effect.low).toBeGreaterThan(0);
  });

  it('is not decided by one window, and is by harm that lasts', () => {
    const once = window(values(1000));
    for (const windows of [
      [once, ...calm],
      [...calm, once, ...calm],
    ])
      expect(Math.max(...found(windows).map(({ logHarm }) => logHarm))).toBeLessThan(harmful);
    expect(last([...calm, ...new Array<Measurement>(10).fill(once)]).logHarm).toBeGreaterThan(harmful);
  });

  it('does not take users of many equal values for certainty', () => {
    const random = seededRandom(3);
    const runOf = (times: number): Measurement[] =>
      Array.from({ length: 60 }, () => window(repeated(times, random), repeated(times, random)));
    expect(last(runOf(1)).phi).toBeLessThan(2);
    expect(last(runOf(20)).phi).toBeGreaterThan(12);
    const width = ({ effect }: Finding): number => effect.high - effect.low;
    expect(width(last(runOf(20)))).toBeGreaterThan(3 * width(last(runOf(1))));
  });

  it('knows the noise of its windows from before the run', () => {
    const random = seededRandom(4);
    const before = Array.from({ length: 240 }, () => window(nothing, repeated(20, random)));
    expect(last(calm.slice(0, 10), before).phi).toBeGreaterThan(10);
  });

  it('warns of heavy tails that only the canary has', () => {
    const heavy = Array.from({ length: 40 }, (_, i) => window(values(50, 100, i % 5 === 0 ? 90_000 : 100)));
    expect(last(calm).warnings).toEqual([]);
    expect(last(heavy).warnings).toEqual([expect.stringMatching(/^a few large values/)]);
  });
});
