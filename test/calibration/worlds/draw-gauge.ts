import type { Gap, Measurement, Sample } from '../../../src/domain/index.js';
import { randomNormal } from '../../support/random.js';
import { type GaugeWorld, measurement, metricName } from './world.js';

/** Shared shocks keep nine tenths from one window to the next. */
const commonMemory = 0.9;

/** Two levels with common shocks and noise of their own, pod by pod where pods are known; the baseline has it before the rollout, too. */
export function drawGauge(world: GaugeWorld, random: () => number): (window: number) => Measurement[] {
  const { autocorrelation: rho, common, shift } = world;
  const [baselinePods, canaryPods] = [world.pods?.baseline ?? 1, world.pods?.canary ?? 1];
  const ofPod = 1 / Math.sqrt(1 / baselinePods + 1 / canaryPods);
  const shared = autoregressive(commonMemory, common, random);
  const noiseOf = (pods: number): (() => number)[] => Array.from({ length: pods }, () => autoregressive(rho, ofPod, random));
  const [ofBaseline, ofCanary] = [noiseOf(baselinePods), noiseOf(canaryPods)];
  return (window) => {
    const base = 50 + shared();
    const baseline = levelOf('baseline', base, ofBaseline, world.pods !== null);
    const canary = levelOf('canary', base + shift, ofCanary, world.pods !== null);
    return [window < 0 ? { ...measurement(metricName, baseline, baseline), canary: notYet } : measurement(metricName, baseline, canary)];
  };
}

const notYet: Gap = { kind: 'gap', cause: 'absent', detail: 'no canary yet' };

function levelOf(cohort: string, level: number, noises: readonly (() => number)[], podsKnown: boolean): Sample {
  const levels = noises.map((noise) => level + noise());
  const value = levels.reduce((sum, each) => sum + each, 0) / levels.length;
  if (!podsKnown) return { kind: 'level', value };
  return { kind: 'level', value, pods: Object.fromEntries(levels.map((each, pod) => [`${cohort}-${pod}`, each])) };
}

/** Stationary AR(1) with mean 0. */
function autoregressive(rho: number, deviation: number, random: () => number): () => number {
  let value = deviation * randomNormal(random);
  return () => {
    value = rho * value + Math.sqrt(1 - rho ** 2) * deviation * randomNormal(random);
    return value;
  };
}
