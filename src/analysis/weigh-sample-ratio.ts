import type { GuardFinding, MeasuredWindow, SampleRatioGuard, Schedule } from '../domain/index.js';
import { type DispersionOverScales, dispersionOverScales, splitEvidence } from '../statistics/index.js';
import { grouped, quantity } from '../verdicts/index.js';
import { alarmLogE, type RunGuard, suspicionLogE, totalOf } from './guarding.js';

/** What a weight that is over may bring, so that it never alarms alone. */
const mostOfPast = alarmLogE / 2;

/** Sessions end where they began, so a weight takes a while until it shows. */
const settlingWindows = 10;

/**
 * Whether the canary gets the share of the traffic that was declared; nothing to say where none was, or nothing was seen under it.
 *
 * Evidence of each stretch of constant weight, multiplied. Within a stretch the counts are added up, as the claim is about
 * all of it, and divided by how much the split is seen to fluctuate: sessions stay on the side where they began.
 * That is learned from the same windows, so the rate of false alarms is measured, not proven.
 */
export class SampleRatioWatch implements RunGuard {
  private readonly settlingMs: number;
  /** what those stretches say that are over */
  private readonly past: StretchFinding[] = [];
  private newest: Stretch | null = null;
  /** undefined before the first window */
  private weight: number | null | undefined;
  private settledFrom = 0;

  constructor(
    private readonly guard: SampleRatioGuard,
    { warmupSeconds, windowSeconds }: Pick<Schedule, 'warmupSeconds' | 'windowSeconds'>,
  ) {
    this.settlingMs = Math.max(warmupSeconds, settlingWindows * windowSeconds) * 1000;
  }

  add({ from, weight, traffic }: MeasuredWindow): void {
    const isNew = weight !== this.weight;
    if (isNew) this.settledFrom = from + this.settlingMs;
    this.weight = weight;
    if (weight === null || !(weight > 0 && weight < 1) || !traffic || from < this.settledFrom) return;
    const split = { canary: totalOf(traffic.canary), baseline: totalOf(traffic.baseline) };
    if (split.canary + split.baseline > 0) this.stretchOf(weight).add(split);
  }

  finding(): GuardFinding | null {
    if (this.newest === null) return null;
    const now = this.newest.finding(this.guard.tolerance);
    const worst = [...this.past, now].reduce((most, each) => (each.logE > most.logE ? each : most));
    const logE = this.past.reduce((sum, each) => sum + Math.min(each.logE, mostOfPast), 0) + now.logE;
    const share = quantity(worst.canary / (worst.canary + worst.baseline), 'ratio');
    const detail = `the canary got ${share} of ${grouped(worst.canary + worst.baseline)} observations, declared ${quantity(worst.weight, 'ratio')}`;
    const alarm = logE >= alarmLogE;
    return { guard: 'sample-ratio', logE, alarm, suspected: !alarm && logE >= suspicionLogE, detail };
  }

  /** The stretch that goes on, or a new one: an earlier one is over with the first observations under another weight. */
  private stretchOf(weight: number): Stretch {
    if (this.newest?.settledFrom === this.settledFrom) return this.newest;
    if (this.newest) this.past.push(this.newest.finding(this.guard.tolerance));
    this.newest = new Stretch(weight, this.settledFrom);
    return this.newest;
  }
}

/** Observations of both cohorts. */
interface Split {
  readonly canary: number;
  readonly baseline: number;
}

/** The whole of a stretch, and how much it says against its weight. */
interface StretchFinding extends Split {
  readonly weight: number;
  readonly logE: number;
}

/** Windows with observations under one declared weight. */
class Stretch {
  /** the sums after each window, so that those of the newer half are known */
  private readonly sums: Split[] = [];
  private readonly noise: DispersionOverScales = dispersionOverScales();

  constructor(
    private readonly weight: number,
    /** ms; tells it from another stretch under the same weight */
    readonly settledFrom: number,
  ) {}

  add({ canary, baseline }: Split): void {
    const share = canary / (canary + baseline);
    this.noise.learn({ value: share, share, weight: canary + baseline });
    const sofar = this.sums.at(-1) ?? none;
    this.sums.push({ canary: sofar.canary + canary, baseline: sofar.baseline + baseline });
  }

  /** The whole of a stretch must say it, and its newer half too: a split that has come right is no alarm any more. */
  finding(tolerance: number): StretchFinding {
    const { weight, sums } = this;
    const phi = this.noise.phi();
    const band = Math.min(tolerance, weight / 2, (1 - weight) / 2);
    const whole = sums.at(-1) ?? none;
    const older = sums[Math.floor(sums.length / 2) - 1] ?? none;
    const newer = { canary: whole.canary - older.canary, baseline: whole.baseline - older.baseline };
    const evidence = ({ canary, baseline }: Split): number =>
      splitEvidence({ canary: canary / phi, baseline: baseline / phi }, weight, band);
    return { ...whole, weight, logE: Math.min(evidence(whole), evidence(newer)) };
  }
}

const none: Split = { canary: 0, baseline: 0 };
