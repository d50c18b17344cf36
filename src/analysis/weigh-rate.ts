import type { Evidence, Margin } from '../domain/index.js';
import { bet2Poisson, type ExposureWindow } from '../statistics/index.js';
import { phiOf } from './weigh-proportion.js';
import { directionsOf, type Finding, harmCap, safeMarginOf, samplesOf, unbounded, type Weighing } from './weighing.js';

type RateFinding = Omit<Finding, 'name' | 'direction' | 'share'>;

/** Events per exposure of both cohorts against each other. */
export function weighRate(weighing: Weighing): Finding[] {
  const { metric } = weighing;
  const directions = directionsOf(metric.harm);
  if (metric.margin === null) return [];
  const { margin } = metric;
  return directions.map((direction) => ({
    ...againstBaseline(weighing, direction, margin),
    name: directions.length > 1 ? `${metric.name} (${direction})` : metric.name,
    direction,
    share: 1 / directions.length,
  }));
}

function againstBaseline(weighing: Weighing, direction: Evidence['direction'], margin: Margin): RateFinding {
  const windows = pairedWindows(weighing);
  const safeMargin = safeMarginOf(weighing) ?? margin;
  const [turned, stated] = direction === 'decrease' ? [windows.map(swapArms), stateSwapped] : [windows, stateAsIs];
  const [baseline, canary] = [summary(windows, 'baseline'), summary(windows, 'canary')];
  const sign = direction === 'decrease' ? -1 : 1;
  const usable = windows.filter((window) => window.canaryExposure > 0 && window.baselineExposure > 0);
  return {
    logHarm: bet2Poisson(turned, stated(margin), 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet2Poisson(turned, stated(safeMargin), 'safe').logE,
    effect: { ...unbounded, estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value) },
    effectKind: 'difference',
    margin: margin.relative * (baseline.value ?? 0) + margin.absolute,
    baseline,
    canary,
    phi: usable.at(-1)?.phi ?? 1,
    windows: usable.length,
    warnings: [],
  };
}

function pairedWindows({ readings }: Weighing): ExposureWindow[] {
  const baseline = samplesOf(readings, 'baseline', 'rate');
  const canary = samplesOf(readings, 'canary', 'rate');
  const phi = phiOf(baseline.map((sample) => ({ total: Math.round(sample?.exposure ?? 0), events: sample?.events ?? 0 })));
  return readings.map((_, index) => ({
    canaryExposure: canary[index]?.exposure ?? 0,
    canaryEvents: canary[index]?.events ?? 0,
    baselineExposure: baseline[index]?.exposure ?? 0,
    baselineEvents: baseline[index]?.events ?? 0,
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
