import type { Margin } from '../../../domain/index.js';
import type { CanaryMetric } from './canary-config.js';

/** The change that a canary config allows, as a ratio; the smaller one where both directions count. Null: it says none. */
export function marginOf({ direction, effectMeasure, allowedIncrease, allowedDecrease }: CanaryMetric): Margin | null {
  if (effectMeasure === 'cles') return null;
  const up = allowedIncrease === null ? null : allowedIncrease - 1;
  const down = allowedDecrease === null ? null : 1 - allowedDecrease;
  const wanted = direction === 'increase' ? [up] : direction === 'decrease' ? [down] : [up, down];
  const ratios = wanted.filter((ratio): ratio is number => ratio !== null && ratio > 0);
  return ratios.length < wanted.length ? null : { relative: Number(Math.min(...ratios).toPrecision(12)), absolute: 0 };
}
