import { describe, expect, it } from '@jest/globals';
import { randomPoisson, seededRandom } from '../../test/support/random.js';
import type { Counts, MeasuredWindow, Template } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { newRunJudge } from './judge.js';

const windowMs = 15_000;
const start = Date.UTC(2026, 10, 1);

function templateOf(): Template {
  const { template } = parseTemplate(
    `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: eta }
spec:
  schedule: { window: 15s, warmup: 60s, minDuration: 60s, minSamples: 1, deadline: 4h }
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion: { events: { status: error }, of: { kind: server } }
      margin: { relative: 0.5, absolute: 0.001 }
`,
    'eta',
  );
  if (!template) throw new Error('the template does not parse');
  return template;
}

/** Seconds until promote as they were forecast after each window of a healthy run, and as they turned out. */
function forecastsOf(seed: number, errorRate: number): { elapsed: number; forecast: number | null }[] {
  const random = seededRandom(seed);
  const judge = newRunJudge({ template: templateOf(), from: new Date(start) }, []);
  const draw = (mean: number): { kind: 'counts'; pods: Record<string, Counts> } & Counts => {
    const total = randomPoisson(mean, random);
    return { kind: 'counts', pods: {}, total, events: Math.min(total, randomPoisson(total * errorRate, random)) };
  };
  const looks: { elapsed: number; forecast: number | null }[] = [];
  for (let index = 0; index < 900; index += 1) {
    const from = start + index * windowMs;
    const measurement = { metric: 'errors', baseline: draw(1_000), canary: draw(500), warnings: [] };
    const window: MeasuredWindow = { from, to: from + windowMs, weight: null, phase: 0, measurements: [measurement] };
    judge.add(window);
    const { final, etaSeconds } = judge.verdict({ intervals: 'none' });
    looks.push({ elapsed: ((index + 1) * windowMs) / 1000, forecast: etaSeconds });
    if (final) break;
  }
  return looks;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('the time to a verdict', () => {
  it.each([0.005, 0])('is forecast within a factor of two from the first quarter on, at an error rate of %d', (errorRate) => {
    const ratios = Array.from({ length: 15 }, (_, seed) => {
      const looks = forecastsOf(seed + 1, errorRate);
      const end = looks.at(-1)?.elapsed ?? 0;
      const early = looks.find(({ elapsed }) => elapsed >= Math.max(120, 0.25 * end));
      return early?.forecast == null ? Number.NaN : (early.elapsed + early.forecast) / end;
    });
    expect(ratios.filter(Number.isNaN).length).toBeLessThan(4);
    expect(median(ratios.filter((ratio) => !Number.isNaN(ratio)))).toBeGreaterThan(0.5);
    expect(median(ratios.filter((ratio) => !Number.isNaN(ratio)))).toBeLessThan(2);
  });
});
