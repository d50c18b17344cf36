import type { Counts, Evidence, Margin } from '../domain/index.js';
import {
  type AffineMargin,
  bet1,
  bet2,
  predictablePhi,
  proportionBounds,
  riskDifferenceBounds,
  type TwoArmWindow,
} from '../statistics/index.js';
import { levelShiftOf, marginsOf, shiftInWords } from './level-shift.js';
import { predictableBase } from './predictable-base.js';
import { affine, affineOnComplement, directionsOf, type Finding, harmCap, samplesOf, unbounded, type Weighing } from './weighing.js';

const none: Counts = { total: 0, events: 0 };

/** Events among observations of both cohorts, against each other or against a limit. */
export function weighProportion(weighing: Weighing): Finding[] {
  const baseline = samplesOf(weighing.readings, 'baseline', 'counts').map((sample) => sample ?? none);
  const canary = samplesOf(weighing.readings, 'canary', 'counts').map((sample) => sample ?? none);
  const history = samplesOf(weighing.history, 'baseline', 'counts').flatMap((sample) => sample ?? []);
  return compareCounts(weighing, { name: weighing.metric.name, baseline, canary, history });
}

/** Counts per window of a question that is a share: an error rate, or the share of requests slower than a limit. */
export interface CountedArms {
  readonly name: string;
  readonly baseline: readonly Counts[];
  readonly canary: readonly Counts[];
  /** the baseline before the run; may be empty */
  readonly history: readonly Counts[];
}

function compareCounts(weighing: Weighing, arms: CountedArms): Finding[] {
  const { metric } = weighing;
  const { margin, limit } = metric;
  const directions = directionsOf(metric.harm);
  const nameOf = (direction: string): string => (directions.length > 1 ? `${arms.name} (${direction})` : arms.name);
  return directions.map((direction) => {
    const finding =
      margin === null ? againstLimit(weighing, arms, direction, limit ?? 0) : againstBaseline(weighing, arms, direction, margin);
    return { ...finding, name: nameOf(direction), direction, share: 1 / directions.length };
  });
}

type CountFinding = Omit<Finding, 'name' | 'direction' | 'share'>;

function againstBaseline(weighing: Weighing, arms: CountedArms, direction: Evidence['direction'], margin: Margin): CountFinding {
  const turn = direction === 'decrease' ? complement : identity;
  const stated = direction === 'decrease' ? affineOnComplement : affine;
  const baseline = arms.baseline.map(turn);
  const canary = arms.canary.map(turn);
  const shift = levelShiftOf(weighing, (sample) => (sample.kind === 'counts' ? { events: sample.events, exposure: sample.total } : null));
  const margins = marginsOf(weighing, margin, direction === 'decrease' ? 'decrease' : 'increase', shift);
  const harmMargin = stated(margins.harm);
  const windows = twoArmWindows({ baseline, canary, history: arms.history.map(turn) }, harmMargin);
  const cap = harmCap(weighing.template);
  const [shownBaseline, shownCanary] = [summary(usable(arms.baseline, windows)), summary(usable(arms.canary, windows))];
  const interval =
    weighing.withIntervals && windows.some(isUsable) ? differenceBounds(windows, weighing.template.budget.falsePromote) : unbounded;
  const sign = direction === 'decrease' ? -1 : 1;
  const difference = shownCanary.value === null || shownBaseline.value === null ? null : sign * (shownCanary.value - shownBaseline.value);
  return {
    logHarm: bet2(windows, harmMargin, 'harm', { cap, starts: weighing.starts }).logE,
    logSafe: bet2(windows, stated(margins.safe), 'safe').logE,
    effect: { low: interval.low, high: interval.high, estimate: difference },
    effectKind: 'difference',
    margin: margins.harm.relative * (shownBaseline.value ?? 0) + margin.absolute,
    baseline: shownBaseline,
    canary: shownCanary,
    phi: windows.findLast(isUsable)?.phi ?? 1,
    windows: windows.filter(isUsable).length,
    warnings: shiftInWords(shift),
  };
}

function differenceBounds(windows: readonly TwoArmWindow[], alpha: number): { low: number; high: number } {
  const baseRef = windows.find(({ base }) => base > 0)?.base ?? 0;
  return riskDifferenceBounds(windows, alpha, baseRef, 1e-4);
}

/** The canary's share of events against an absolute bound; the baseline is shown beside it. */
export function againstLimit(weighing: Weighing, arms: CountedArms, direction: Evidence['direction'], limit: number): CountFinding {
  const turn = direction === 'decrease' ? complement : identity;
  const bound = direction === 'decrease' ? 1 - limit : limit;
  const canary = arms.canary.map(turn);
  const phi = phiAlone(canary, arms.history.map(turn));
  const windows = canary.map((counts, index) => ({ ...counts, phi: phi[index] ?? 1 }));
  const usableWindows = windows.filter(({ total }) => total > 0);
  const interval =
    weighing.withIntervals && usableWindows.length > 0
      ? proportionBounds(usableWindows, weighing.template.budget.falsePromote, 1e-4)
      : { low: 0, high: 1 };
  const shown = summary(arms.canary);
  return {
    logHarm: bet1(windows, bound, 'harm', { cap: harmCap(weighing.template), starts: weighing.starts }).logE,
    logSafe: bet1(windows, bound, 'safe').logE,
    effect:
      direction === 'decrease'
        ? { low: 1 - interval.high, high: 1 - interval.low, estimate: shown.value }
        : { ...interval, estimate: shown.value },
    effectKind: 'level',
    margin: limit,
    baseline: summary(arms.baseline),
    canary: shown,
    phi: usableWindows.at(-1)?.phi ?? 1,
    windows: usableWindows.length,
    warnings: [],
  };
}

/** Pairs the arms and gives each window the dispersion and the base rate that were known before it. */
function twoArmWindows({ baseline, canary, history }: Omit<CountedArms, 'name'>, margin: AffineMargin): TwoArmWindow[] {
  const phi = phiOf(baseline, history, canary);
  const base = predictableBase(baseline, margin, history);
  return baseline.map(({ total, events }, index) => {
    const other = canary[index] ?? none;
    return {
      canaryTotal: other.total,
      canaryEvents: other.events,
      baselineTotal: total,
      baselineEvents: events,
      phi: phi[index] ?? 1,
      base: base[index] ?? 0,
    };
  });
}

/** Dispersion known before each window, from the windows before it; windows without observations teach nothing. */
export const phiOf = (counts: readonly Counts[], history: readonly Counts[], canary: readonly Counts[] = []): number[] =>
  predictablePhi(counts, history, canary);

/** The same where only the canary is judged, whatever the baseline does. */
export const phiAlone = (canary: readonly Counts[], history: readonly Counts[]): number[] =>
  phiOf(
    canary.map(() => none),
    history,
    canary,
  );

export const isUsable = ({ canaryTotal, baselineTotal }: TwoArmWindow): boolean => canaryTotal > 0 && baselineTotal > 0;

const usable = (counts: readonly Counts[], windows: readonly TwoArmWindow[]): Counts[] =>
  counts.filter((_, index) => {
    const window = windows[index];
    return window !== undefined && isUsable(window);
  });

const identity = (counts: Counts): Counts => counts;

const complement = ({ total, events }: Counts): Counts => ({ total, events: total - events });

function summary(counts: readonly Counts[]): { count: number; value: number | null } {
  const total = counts.reduce((sum, window) => sum + window.total, 0);
  const events = counts.reduce((sum, window) => sum + window.events, 0);
  return { count: total, value: total > 0 ? events / total : null };
}
