import { describe, expect, it } from '@jest/globals';
import { kayentaClassify } from './kayenta-classify.js';
import { type KayentaMetric, kayentaScore } from './kayenta-score.js';

const around = (centre: number, spread: number): number[] => Array.from({ length: 40 }, (_, i) => centre + spread * Math.sin(i * 12.9898));

describe('kayentaClassify', () => {
  it('passes what is alike and marks what is clearly higher or lower', () => {
    const control = around(10, 1);
    expect(kayentaClassify(control, around(10.05, 1)).classification).toBe('Pass');
    expect(kayentaClassify(control, around(14, 1)).classification).toBe('High');
    expect(kayentaClassify(control, around(6, 1)).classification).toBe('Low');
    expect(kayentaClassify(control, around(14, 1), { direction: 'decrease' }).classification).toBe('Pass');
  });

  it('misses fivefold harm in values near 1e-5, as Kayenta does', () => {
    const { shift } = kayentaClassify(around(1e-5, 1e-6), around(5e-5, 5e-6), { direction: 'increase' });
    const width = (shift?.upper ?? 0) - (shift?.lower ?? 0);
    expect(width).toBeLessThan(1e-4); // below the root tolerance: where in it the ends fall is chance
  });

  it('removes missing values, or takes them for 0', () => {
    const gaps = [null, Number.NaN, null];
    expect(kayentaClassify(around(10, 1), gaps).classification).toBe('Nodata');
    expect(kayentaClassify(around(10, 1), gaps, { nanStrategy: 'replace' }).classification).toBe('Low');
    expect(kayentaClassify([], [], { nanStrategy: 'replace' }).classification).toBe('Pass');
  });

  it('fails the analysis only for critical metrics that are far enough off', () => {
    const [control, higher] = [around(10, 1), around(14, 1)];
    expect(kayentaClassify(control, higher, { critical: true, criticalIncrease: 1.2 }).critical).toBe(true);
    expect(kayentaClassify(control, higher, { critical: true, criticalIncrease: 2 }).critical).toBe(false);
    expect(kayentaClassify(control, control, { critical: true }).critical).toBe(false);
  });
});

describe('kayentaScore', () => {
  const metric = (
    classification: KayentaMetric['classification'],
    groups: readonly string[],
    more: Partial<KayentaMetric> = {},
  ): KayentaMetric => {
    return { classification, groups, critical: false, muted: false, ...more };
  };
  const thresholds = { pass: 95, marginal: 75 };

  it('weighs groups, the rest sharing what is left', () => {
    const metrics = [metric('Pass', ['latency']), metric('High', ['errors']), metric('Pass', ['traffic'])];
    expect(kayentaScore(metrics, { errors: 20 }, thresholds)).toMatchObject({ score: 80, classification: 'Marginal', path: 'ok' });
  });

  it('is 0 without any metric', () => {
    expect(kayentaScore([], {}, thresholds)).toEqual({ score: 0, classification: 'Fail', groups: {}, path: 'nodata' });
    expect(kayentaScore([metric('High', ['a'], { muted: true })], {}, thresholds).path).toBe('nodata');
  });

  it('treats a group by its name only, whatever it is called', () => {
    const odd = kayentaScore([metric('Pass', ['constructor']), metric('High', ['__proto__'])], {}, thresholds);
    expect(odd.score).toBe(50);
  });
});
