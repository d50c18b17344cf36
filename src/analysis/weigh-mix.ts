import type { GuardFinding, Margin, MeasuredWindow, MixGuard, Traffic } from '../domain/index.js';
import { logSumExp, type Start } from '../statistics/index.js';
import { quantity } from '../verdicts/index.js';
import { alarmLogE, type RunGuard, suspicionLogE, totalOf } from './guarding.js';
import { SliceBets, type SliceWindow } from './slice-bets.js';
import { mostSlices, restOfTraffic } from './traffic.js';
import { affine } from './weighing.js';

/** Slices that are bet on: the largest of a window and the rest of it, in the order in which they were first seen. */
const mostBetOn = mostSlices + 1;

/** Slices that are named in words. */
const mostNamed = 3;

/**
 * Whether both cohorts serve the same mix of traffic; nothing to say where no two slices are told apart.
 *
 * Each slice's share of the canary is tested against its share of the baseline in the same windows, and the reverse, like
 * any proportion; the mean of all these e-values is one, however the slices depend on each other. A mix that drifts in both
 * cohorts alike is no evidence. Capital is shared between all bets there can be, before any slice is seen.
 */
export class MixWatch implements RunGuard {
  private readonly slices = new Map<string, SliceBets>();
  /** a slice that has not been seen yet: whichever comes has had no share so far, and begins with these bets */
  private readonly unseen: SliceBets;

  /** @param starts  positions among the windows that will be added, fixed before any data */
  constructor(
    private readonly guard: MixGuard,
    starts: readonly Start[],
  ) {
    this.unseen = SliceBets.of(affine(guard.tolerance), starts);
  }

  add({ traffic }: MeasuredWindow): void {
    const mix = traffic?.attribute === this.guard.by ? mixOf(traffic) : null;
    if (mix) this.meet(mix.traffic);
    for (const [name, bets] of this.slices) bets.add(mix && countsOf(name, mix));
    this.unseen.add(mix && countsOf(null, mix));
  }

  /** An alarm is shared between all bets there can be; a suspicion is one bet that stands out, as a mix takes windows to be proven another. */
  finding(): GuardFinding | null {
    if (this.slices.size < 2) return null;
    const logEs = [...this.slices.values()].flatMap((bets) => bets.logEs());
    const logE = logSumExp(logEs) - Math.log(2 * mostBetOn);
    const alarm = logE >= alarmLogE;
    const suspected = !alarm && Math.max(...logEs) >= suspicionLogE;
    return { guard: 'traffic-mix', logE, alarm, suspected, detail: inWords(this.slices, this.guard, alarm || suspected) };
  }

  private meet({ baseline, canary }: Traffic): void {
    for (const name of [...Object.keys(baseline), ...Object.keys(canary)].sort()) {
      if (this.slices.size < mostBetOn && !this.slices.has(name)) this.slices.set(name, this.unseen.copy());
    }
  }
}

/** One window in which slices were told apart. */
interface Mix {
  readonly traffic: Traffic;
  readonly totals: Readonly<Record<'baseline' | 'canary', number>>;
  /** some slices were too small to be listed */
  readonly hasRest: boolean;
}

function mixOf(traffic: Traffic): Mix {
  const { baseline, canary } = traffic;
  const hasRest = Object.hasOwn(baseline, restOfTraffic) || Object.hasOwn(canary, restOfTraffic);
  return { traffic, totals: { baseline: totalOf(baseline), canary: totalOf(canary) }, hasRest };
}

/** @param name  null: one that is not listed. It may be among the rest: then nothing is known of it */
function countsOf(name: string | null, { traffic: { baseline, canary }, totals, hasRest }: Mix): SliceWindow | null {
  const countIn = (slices: Traffic['baseline']): number | null =>
    name !== null && Object.hasOwn(slices, name) ? (slices[name] ?? null) : null;
  const [ofBaseline, ofCanary] = [countIn(baseline), countIn(canary)];
  if (hasRest && ofBaseline === null && ofCanary === null) return null;
  return {
    baseline: { total: totals.baseline, events: ofBaseline ?? 0 },
    canary: { total: totals.canary, events: ofCanary ?? 0 },
  };
}

/** `route static: 53 % of canary requests against 7 % of baseline` */
function inWords(slices: ReadonlyMap<string, SliceBets>, { by, tolerance }: MixGuard, isAnother: boolean): string {
  const moved = [...slices]
    .map(([name, bets]) => ({ name, ...bets.shares() }))
    .sort((a, b) => Math.abs(b.canary - b.baseline) - Math.abs(a.canary - a.baseline));
  const what = by === 'http.route' ? 'route' : by;
  const named = moved
    .slice(0, isAnother ? mostNamed : 1)
    .map(
      ({ name, canary, baseline }) =>
        `${what} ${name || '(none)'}: ${percent(canary)} of canary requests against ${percent(baseline)} of baseline`,
    );
  if (isAnother) return named.join(', ');
  const found = moved.some((shares) => isBeyond(shares, tolerance)) ? 'no other mix proven' : 'the same mix so far';
  return `${found}; largest difference: ${named.join()}`;
}

/** The shares differ by more than is tolerated; so far that may be chance. */
const isBeyond = ({ canary, baseline }: Record<'canary' | 'baseline', number>, { relative, absolute }: Margin): boolean =>
  Math.max(canary, baseline) > (1 + relative) * Math.min(canary, baseline) + absolute;

const percent = (share: number): string => quantity(Number(share.toPrecision(2)), 'ratio');
