import type { Evidence, Margin } from '../domain/index.js';
import { bet1Poisson, bet2Poisson, type ExposureWindow, predictableRatePhi, rateDifferenceBounds } from '../statistics/index.js';
import { levelShiftOf, marginsOf, shiftInWords } from './level-shift.js';
import { directionsOf, type Finding, harmCap, samplesOf, unbounded, type Weighing } from './weighing.js';

type RateFinding = Omit<Finding, 'name' | 'direction' | 'share'>;

/** Events per exposure of both cohorts against each other, or of the canary against a limit. */
export function weighRate(weighing: Weighing): Finding[] {
  const { metric } = weighing;
  const directions = directionsOf(metric.harm);
  if (metric.margin === null && metric.harm !== 'increase') return [];
  return directions.map((direction) => ({
    ...(metric.margin === null ? againstLimit(weighing, metric.limit ?? 0) : againstBaseline(weighing, direction, metric.margin)),
    name: directions.length > 1 ? `${metric.name} (${direction})` : metric.name,
    direction,
    share: 1 / directions.length,
  }));
}

function againstBaseline(weighing: Weighing, direction: Evidence['direction'], margin: Margin): RateFinding {
  const windows = pairedWindows(weighing);
  const shift = levelShiftOf(weighing, (sample) => (sample.kind === 'rate' ? sample : null));
  const margins = marginsOf(weighing, margin, direction === 'decrease' ? 'decrease' : 'increase', shift);
  const [turned, stated] = direction === 'decrease' ? [windows.map(swapArms), stateSwapped] : [windows, stateAsIs];
  const [baseline, canary] = [summary(windows, 'baseline'), summary(windows, 'canary')];
  const sign = direction === 'decrease' ? -1 : 1;
  const usable = windows.filter((window) => window.canaryExposure > 0 && window.baselineExposure > 0);
  return {
    logHarm: bet2Poisson(turned, stated(margins.harm), 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet2Poisson(turned, stated(margins.safe), 'safe').logE,
    effect: {
      ...bounds(weighing, usable, sign),
      estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value),
    },
    effectKind: 'difference',
    margin: margins.harm.relative * (baseline.value ?? 0) + margin.absolute,
    baseline,
    canary,
    phi: usable.at(-1)?.phi ?? 1,
    windows: usable.length,
    warnings: shiftInWords(shift),
  };
}

function bounds({ withIntervals, template }: Weighing, usable: readonly ExposureWindow[], sign: number): { low: number; high: number } {
  if (!withIntervals || usable.length === 0) return unbounded;
  const { low, high } = rateDifferenceBounds(usable, template.budget.falsePromote);
  return sign < 0 ? { low: -high, high: -low } : { low, high };
}

function againstLimit(weighing: Weighing, limit: number): RateFinding {
  const windows = pairedWindows(weighing);
  const alone = windows.map(({ canaryExposure, canaryEvents, phi }) => ({ exposure: canaryExposure, events: canaryEvents, phi }));
  const [baseline, canary] = [summary(windows, 'baseline'), summary(windows, 'canary')];
  return {
    logHarm: bet1Poisson(alone, limit, 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet1Poisson(alone, limit, 'safe').logE,
    effect: { ...unbounded, estimate: canary.value },
    effectKind: 'level',
    margin: limit,
    baseline,
    canary,
    phi: windows.at(-1)?.phi ?? 1,
    windows: windows.filter(({ canaryExposure }) => canaryExposure > 0).length,
    warnings: [],
  };
}

function pairedWindows({ readings, history }: Weighing): ExposureWindow[] {
  const nothing = { events: 0, exposure: 0 };
  const baseline = samplesOf(readings, 'baseline', 'rate').map((sample) => sample ?? nothing);
  const canary = samplesOf(readings, 'canary', 'rate').map((sample) => sample ?? nothing);
  const before = samplesOf(history, 'baseline', 'rate').flatMap((sample) => sample ?? []);
  const phi = predictableRatePhi(baseline, before, canary);
  return baseline.map(({ events, exposure }, index) => ({
    canaryExposure: canary[index]?.exposure ?? 0,
    canaryEvents: canary[index]?.events ?? 0,
    baselineExposure: exposure,
    baselineEvents: events,
    phi: phi[index] ?? 1,
  }));
}

const stateAsIs = ({ relative, absolute }: Margin): { ratio: number; offset: number } => ({ ratio: 1 + relative, offset: absolute });

/** canary ≥ (1 − relative) · baseline − absolute, stated with the arms exchanged. */
const stateSwapped = ({ relative, absolute }: Margin): { ratio: number; offset: number } => ({
  ratio: 1 / (1 - relative),
  offset: absolute / (1 - relative),
});

const swapArms = (window: ExposureWindow): ExposureWindow => ({
  canaryExposure: window.baselineExposure,
  canaryEvents: window.baselineEvents,
  baselineExposure: window.canaryExposure,
  baselineEvents: window.canaryEvents,
  phi: window.phi,
});

function summary(windows: readonly ExposureWindow[], cohort: 'baseline' | 'canary'): { count: number; value: number | null } {
  const events = windows.reduce((sum, window) => sum + window[`${cohort}Events`], 0);
  const exposure = windows.reduce((sum, window) => sum + window[`${cohort}Exposure`], 0);
  return { count: events, value: exposure > 0 ? events / exposure : null };
}
