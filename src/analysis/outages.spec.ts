import { describe, expect, it } from '@jest/globals';
import { templateFrom } from '../../test/support/judge-windows.js';
import { randomPoisson, seededRandom } from '../../test/support/random.js';
import type { MeasuredWindow, Sample } from '../domain/index.js';
import { judge } from './judge.js';
import { outagesIn } from './outages.js';

const template = templateFrom('analysis-templates/http-service.yaml', { service: 'shop' });
const errors = template.metrics.find(({ kind }) => kind === 'proportion')?.name ?? '';
const random = seededRandom(11);
const counts = (share: number): Sample => ({
  kind: 'counts',
  total: 1500,
  events: Math.min(1500, randomPoisson(1500 * share, random)),
  pods: {},
});
const windowOf = (index: number, baseline: number, canary: number): MeasuredWindow => ({
  from: index * 15_000,
  to: (index + 1) * 15_000,
  weight: null,
  phase: 0,
  measurements: [{ metric: errors, baseline: counts(baseline), canary: counts(canary), warnings: [] }],
});

const history = Array.from({ length: 240 }, (_, index) => windowOf(index - 240, index >= 100 && index < 108 ? 1 : 0.005, 0.005));
const isOut = outagesIn(template, history);

describe('an outage in the history of a baseline', () => {
  it('is left out', () => {
    expect(isOut.flatMap((out, index) => (out ? [index] : []))).toEqual([99, 100, 101, 102, 103, 104, 105, 106, 107, 108]);
  });

  it('would hide every later regression', () => {
    const windows = Array.from({ length: 60 }, (_, index) => windowOf(index, 0.005, 0.03));
    const verdictWith = (known: readonly MeasuredWindow[]) => judge({ template, from: new Date(0) }, windows, { history: known }).decision;
    expect(verdictWith(history)).toBe('hold');
    expect(verdictWith(history.filter((_, index) => !isOut[index]))).toBe('rollback');
  });

  it('is not seen in a metric of which nothing was measured', () => {
    expect(
      outagesIn(
        template,
        history.map((window) => ({ ...window, measurements: [] })),
      ),
    ).not.toContain(true);
  });
});
