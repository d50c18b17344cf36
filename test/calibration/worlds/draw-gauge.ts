import type { Gap, Measurement, Sample } from '../../../src/domain/index.js';
import { randomNormal } from '../../support/random.js';
import { type GaugeWorld, measurement, metricName } from './world.js';

/** Shared shocks keep nine tenths from one window to the next. */
const commonMemory = 0.9;

/** Two levels with common shocks and noise of their own; the baseline has it before the rollout, too. */
export function drawGauge(world: GaugeWorld, random: () => number): (window: number) => Measurement[] {
  const { autocorrelation: rho, common, shift } = world;
  const noise = (): (() => number) => autoregressive(rho, Math.SQRT1_2, random);
  const [shared, ofBaseline, ofCanary] = [autoregressive(commonMemory, common, random), noise(), noise()];
  const level = (value: number): Sample => ({ kind: 'level', value });
  return (window) => {
    const base = 50 + shared();
    const [baseline, canary] = [level(base + ofBaseline()), level(base + ofCanary() + shift)];
    return [window < 0 ? { ...measurement(metricName, baseline, baseline), canary: notYet } : measurement(metricName, baseline, canary)];
  };
}

const notYet: Gap = { kind: 'gap', cause: 'absent', detail: 'no canary yet' };

/** Stationary AR(1) with mean 0. */
function autoregressive(rho: number, deviation: number, random: () => number): () => number {
  let value = deviation * randomNormal(random);
  return () => {
    value = rho * value + Math.sqrt(1 - rho ** 2) * deviation * randomNormal(random);
    return value;
  };
}
