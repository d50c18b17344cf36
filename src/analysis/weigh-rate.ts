import type { Evidence, Margin } from '../domain/index.js';
import { bet2Poisson, type ExposureWindow } from '../statistics/index.js';
import { phiOf } from './weigh-proportion.js';
import { directionsOf, type Finding, harmCap, safeMarginOf, samplesOf, unbounded, type Weighing } from './weighing.js';

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

/** So small a ratio that an imagined baseline without events has no say: only the canary's rate against the offset is left. */
const noBaseline = 1e-12;

function againstLimit(weighing: Weighing, limit: number): RateFinding {
  const windows = pairedWindows(weighing);
  const alone = windows.map(({ canaryExposure, canaryEvents, phi }) => ({
    canaryExposure,
    canaryEvents,
    baselineExposure: canaryExposure,
    baselineEvents: 0,
    phi,
  }));
  const stated = { ratio: noBaseline, offset: limit };
  const [baseline, canary] = [summary(windows, 'baseline'), summary(windows, 'canary')];
  return {
    logHarm: bet2Poisson(alone, stated, 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet2Poisson(alone, stated, 'safe').logE,
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

/** Events per exposure as a share of very many chances: the dispersion of a proportion is then that of a Poisson count. */
const chances = 1e6;

function pairedWindows({ readings }: Weighing): ExposureWindow[] {
  const baseline = samplesOf(readings, 'baseline', 'rate');
  const canary = samplesOf(readings, 'canary', 'rate');
  const phi = phiOf(baseline.map((sample) => ({ total: (sample?.exposure ?? 0) * chances, events: sample?.events ?? 0 })));
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
