import type { CohortName, Counts, GuardFinding, MeasuredWindow, MixGuard, Traffic } from '../domain/index.js';
import {
  type AffineMargin,
  bet2,
  dispersionOverScales,
  logSumExp,
  predictablePhi,
  type Start,
  type TwoArmWindow,
} from '../statistics/index.js';
import { quantity } from '../verdicts/index.js';
import { alarmLogE, totalOf } from './guarding.js';
import { predictableBase } from './predictable-base.js';
import { mostSlices, restOfTraffic } from './traffic.js';
import { affine } from './weighing.js';

/** Bets that there can be: each slice may be larger in either cohort. Their capital is shared before any of them is seen. */
const mostBets = 2 * (mostSlices + 1);

/** At most this share of the way to an alarm in one window: no single window decides. */
const cap = alarmLogE / 2;

/** Slices that are named in words. */
const mostNamed = 3;

interface SliceCounts {
  readonly name: string;
  readonly baseline: readonly Counts[];
  readonly canary: readonly Counts[];
  readonly history: readonly Counts[];
}

/**
 * Whether both cohorts serve the same mix of traffic; null where no two slices are told apart.
 *
 * Each slice's share of the canary is tested against its share of the baseline in the same windows, and the reverse, like
 * any proportion; the mean of all these e-values is one, however the slices depend on each other. A mix that drifts in both
 * cohorts alike is no evidence.
 *
 * @param windows  those that are judged, oldest first
 * @param history  from before them: what noise the baseline has
 * @param starts   positions in `windows`, fixed before any data
 */
export function weighMix(
  guard: MixGuard,
  windows: readonly MeasuredWindow[],
  history: readonly MeasuredWindow[],
  starts: readonly Start[],
): GuardFinding | null {
  const slices = slicesOf(windows, history, guard.by);
  if (slices.length < 2) return null;
  const margin = affine(guard.tolerance);
  const logEs = slices.flatMap((slice) => weighSlice(slice, margin, starts));
  const logE = logEs.length > 0 ? logSumExp(logEs) - Math.log(mostBets) : Number.NEGATIVE_INFINITY;
  const alarm = logE >= alarmLogE;
  return { guard: 'traffic-mix', logE, alarm, detail: inWords(slices, guard, alarm) };
}

function weighSlice({ baseline, canary, history }: SliceCounts, margin: AffineMargin, starts: readonly Start[]): number[] {
  const leads = [isBeyond(canary, baseline, margin, starts), isBeyond(baseline, canary, margin, starts)];
  if (!leads.includes(true)) return [];
  const phi = phiOf(baseline, canary, history);
  const larger = (of: readonly Counts[], than: readonly Counts[], past: readonly Counts[]): number => {
    const base = predictableBase(than, margin, past);
    const windows = than.map((window, index): TwoArmWindow => {
      const other = of[index] ?? nothing;
      return {
        canaryTotal: other.total,
        canaryEvents: other.events,
        baselineTotal: window.total,
        baselineEvents: window.events,
        phi: phi[index] ?? 1,
        base: base[index] ?? 0,
      };
    });
    return bet2(windows, margin, 'harm', { cap, starts }).logE;
  };
  return [...(leads[0] ? [larger(canary, baseline, history)] : []), ...(leads[1] ? [larger(baseline, canary, [])] : [])];
}

/**
 * Whether a slice's share is beyond the margin since the beginning, or since one of the later starts. Where it is not, the bet on
 * it is as good as lost and counts as nothing: that proves less, and spares nearly all the work of a healthy run.
 */
function isBeyond(of: readonly Counts[], than: readonly Counts[], { ratio, offset }: AffineMargin, starts: readonly Start[]): boolean {
  const begins = new Set(starts.map(({ index }) => index));
  const sum = { events: 0, total: 0, otherEvents: 0, otherTotal: 0 };
  for (let index = of.length - 1; index >= 0; index -= 1) {
    const [one, other] = [of[index] ?? nothing, than[index] ?? nothing];
    if (one.total > 0 && other.total > 0) {
      sum.events += one.events;
      sum.total += one.total;
      sum.otherEvents += other.events;
      sum.otherTotal += other.total;
    }
    if (!begins.has(index) || sum.total === 0) continue;
    if (sum.events / sum.total > ratio * (sum.otherEvents / sum.otherTotal) + offset) return true;
  }
  return false;
}

/**
 * Dispersion known before each window: of the baseline by itself, and of the difference between the cohorts, in which a
 * drift that both share cancels, over minutes too.
 */
function phiOf(baseline: readonly Counts[], canary: readonly Counts[], history: readonly Counts[]): number[] {
  const own = predictablePhi(baseline, history);
  const between = dispersionOverScales();
  return baseline.map((window, index) => {
    const other = canary[index] ?? nothing;
    const phi = Math.max(own[index] ?? 1, between.phi());
    if (window.total > 0 && other.total > 0) {
      between.learn({
        value: other.events / other.total - window.events / window.total,
        share: (window.events + other.events) / (window.total + other.total),
        weight: (window.total * other.total) / (window.total + other.total),
      });
    }
    return phi;
  });
}

const nothing: Counts = { total: 0, events: 0 };

/** One window in which slices were told apart. */
interface Mix {
  readonly traffic: Traffic;
  readonly totals: Readonly<Record<CohortName, number>>;
  /** some slices were too small to be listed */
  readonly hasRest: boolean;
}

/** Counts of the slices in the order in which they were first seen, as many as there are bets for. */
function slicesOf(windows: readonly MeasuredWindow[], history: readonly MeasuredWindow[], attribute: string): SliceCounts[] {
  const mixes = windows.map((window) => mixOf(window, attribute));
  const past = history.flatMap((window) => mixOf(window, attribute) ?? []);
  return namesOf(mixes).map((name) => ({
    name,
    baseline: mixes.map((mix) => countsOf(name, mix, 'baseline')),
    canary: mixes.map((mix) => countsOf(name, mix, 'canary')),
    history: past.map((mix) => countsOf(name, mix, 'baseline')),
  }));
}

function mixOf({ traffic }: MeasuredWindow, attribute: string): Mix | null {
  if (traffic?.attribute !== attribute) return null;
  const { baseline, canary } = traffic;
  const hasRest = Object.hasOwn(baseline, restOfTraffic) || Object.hasOwn(canary, restOfTraffic);
  return { traffic, totals: { baseline: totalOf(baseline), canary: totalOf(canary) }, hasRest };
}

function namesOf(mixes: readonly (Mix | null)[]): string[] {
  const names = new Set<string>();
  for (const mix of mixes) {
    if (mix === null) continue;
    const { baseline, canary } = mix.traffic;
    const fresh = [...Object.keys(baseline), ...Object.keys(canary)].filter((name) => !names.has(name)).sort();
    for (const name of fresh) names.add(name);
  }
  return [...names].slice(0, mostSlices + 1);
}

/** A slice that is not listed may be among the rest: then nothing is known of it. */
function countsOf(name: string, mix: Mix | null, cohort: CohortName): Counts {
  if (mix === null) return nothing;
  const { traffic, totals, hasRest } = mix;
  const isListed = Object.hasOwn(traffic[cohort], name);
  if (!isListed && hasRest && !Object.hasOwn(traffic.baseline, name) && !Object.hasOwn(traffic.canary, name)) return nothing;
  return { total: totals[cohort], events: isListed ? (traffic[cohort][name] ?? 0) : 0 };
}

/** `route static: 53 % of canary requests against 7 % of baseline` */
function inWords(slices: readonly SliceCounts[], { by }: MixGuard, alarm: boolean): string {
  const moved = slices
    .map(({ name, ...sides }) => ({ name, canary: shareOf(sides.canary, sides.baseline), baseline: shareOf(sides.baseline, sides.canary) }))
    .sort((a, b) => Math.abs(b.canary - b.baseline) - Math.abs(a.canary - a.baseline));
  const what = by === 'http.route' ? 'route' : by;
  const named = moved
    .slice(0, alarm ? mostNamed : 1)
    .map(
      ({ name, canary, baseline }) =>
        `${what} ${name || '(none)'}: ${percent(canary)} of canary requests against ${percent(baseline)} of baseline`,
    );
  return alarm ? named.join(', ') : `the same mix so far; largest difference: ${named.join()}`;
}

const percent = (share: number): string => quantity(Number(share.toPrecision(2)), 'ratio');

/** The slice's share of a cohort in the windows in which the other cohort was seen too. */
function shareOf(counts: readonly Counts[], others: readonly Counts[]): number {
  const seen = counts.filter((_, index) => (others[index]?.total ?? 0) > 0);
  const total = seen.reduce((sum, window) => sum + window.total, 0);
  return total > 0 ? seen.reduce((sum, { events }) => sum + events, 0) / total : 0;
}
