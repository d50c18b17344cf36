import type { Counts } from '../domain/index.js';
import {
  type AffineMargin,
  bet2Increments,
  type DispersionOverScales,
  dispersionOverScales,
  RestartCapital,
  type Start,
} from '../statistics/index.js';
import { alarmLogE } from './guarding.js';
import { PredictableBase } from './predictable-base.js';

/** At most this share of the way to an alarm in one window: no single window decides. */
const cap = alarmLogE / 2;

/** What one slice of the traffic had in one window, and what it is counted among. */
export type SliceWindow = Readonly<Record<'baseline' | 'canary', Counts>>;

/** The bets that a slice's share is larger in the canary, and that it is larger in the baseline. */
export class SliceBets {
  /** of both cohorts in the windows in which both were seen */
  private readonly sums = { baseline: { total: 0, events: 0 }, canary: { total: 0, events: 0 } };

  private constructor(
    private readonly margin: AffineMargin,
    /** of the difference between the cohorts, in which a drift that both share cancels, over minutes too */
    private readonly noise: DispersionOverScales,
    private readonly largerInCanary: RestartCapital,
    private readonly largerInBaseline: RestartCapital,
  ) {}

  static of(margin: AffineMargin, starts: readonly Start[]): SliceBets {
    return new SliceBets(margin, dispersionOverScales(), RestartCapital.of(starts), RestartCapital.of(starts));
  }

  /** @param window  null: nothing is known of it, and no bet is made */
  add(window: SliceWindow | null): void {
    if (window === null || window.baseline.total === 0 || window.canary.total === 0) {
      this.largerInCanary.add(null);
      this.largerInBaseline.add(null);
      return;
    }
    const { baseline, canary } = window;
    const phi = this.noise.phi();
    this.largerInCanary.add(this.bet(canary, baseline, shareOf(this.sums.baseline), phi));
    this.largerInBaseline.add(this.bet(baseline, canary, shareOf(this.sums.canary), phi));
    this.learn(window);
  }

  /** ln E of both bets. */
  logEs(): readonly [number, number] {
    return [this.largerInCanary.logE(), this.largerInBaseline.logE()];
  }

  /** The slice's share of each cohort, in the windows in which both were seen. */
  shares(): Readonly<Record<'baseline' | 'canary', number>> {
    return { baseline: shareOf(this.sums.baseline), canary: shareOf(this.sums.canary) };
  }

  /** The same bets, to go on with another slice that has been the same so far. */
  copy(): SliceBets {
    const copy = new SliceBets(this.margin, this.noise.copy(), this.largerInCanary.copy(), this.largerInBaseline.copy());
    Object.assign(copy.sums.baseline, this.sums.baseline);
    Object.assign(copy.sums.canary, this.sums.canary);
    return copy;
  }

  /** @param past  the share of `than` in the windows before this one */
  private bet(of: Counts, than: Counts, past: number, phi: number): Float64Array {
    const base = Math.min(PredictableBase.from(past), PredictableBase.highest(this.margin));
    const counts = { canaryTotal: of.total, canaryEvents: of.events, baselineTotal: than.total, baselineEvents: than.events };
    return bet2Increments({ ...counts, phi, base }, this.margin, 'harm', cap);
  }

  private learn({ baseline, canary }: SliceWindow): void {
    this.noise.learn({
      value: canary.events / canary.total - baseline.events / baseline.total,
      share: (baseline.events + canary.events) / (baseline.total + canary.total),
      weight: (baseline.total * canary.total) / (baseline.total + canary.total),
    });
    for (const [sum, counts] of [
      [this.sums.baseline, baseline],
      [this.sums.canary, canary],
    ] as const) {
      sum.total += counts.total;
      sum.events += counts.events;
    }
  }
}

const shareOf = ({ total, events }: Counts): number => (total > 0 ? events / total : 0);
