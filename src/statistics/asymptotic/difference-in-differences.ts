import { RunningSeries } from '../dependence/running-series.js';
import { logSumExp } from '../special/log-sum-exp.js';
import { gaugeEvidence } from './gauge-evidence.js';
import type { GaugeHistory } from './gauge-mean.js';

/** What a window of now is compared with: the same service in earlier periods, and a control in those and now. */
export interface ComparedLevels {
  /** of the service in the earlier periods at the same time */
  readonly before: number;
  readonly controlNow: number;
  readonly controlBefore: number;
}

/** A window from before the release, in which the service should have done what the control makes one expect. */
export interface TrendLevels extends ComparedLevels {
  readonly now: number;
}

/** Windows from before the release that tell the noise of the doubled difference (statistics §D.3). */
const enoughHistory = 240;

/**
 * Difference in differences: what a service would do now without the release, by what a control that got no release does now
 * and both did in earlier periods.
 *
 * Trends are taken as proportional: what moves the control by a tenth moves the service by a tenth. That is stated as a scaled
 * difference and not in logarithms, which are biased where events are rare.
 *
 * Holds only under parallel trends: nothing else than the release moves the service and not the control. That cannot be proven; that
 * it failed before the release can be seen.
 *
 * @see Card & Krueger (1994), Minimum wages and employment; Angrist & Pischke (2009), Mostly harmless econometrics, §5.2
 */
export class DifferenceInDifferences {
  private readonly trend: { readonly now: number; readonly expected: number }[] = [];
  private readonly past = { service: 0, control: 0 };

  /** A window from before the release, in order of time. */
  learnTrend(levels: TrendLevels): void {
    this.trend.push({ now: levels.now, expected: this.expected(levels) });
    this.learn(levels);
  }

  /** What the service would do in the next window without a release. Learn from the window after it was asked. */
  expected({ before, controlNow, controlBefore }: ComparedLevels): number {
    return Math.max(0, before + this.ratio() * (controlNow - controlBefore));
  }

  learn({ before, controlBefore }: ComparedLevels): void {
    this.past.service += before;
    this.past.control += controlBefore;
  }

  /** Windows from before the release. */
  get trendWindows(): number {
    return this.trend.length;
  }

  /**
   * Evidence that service and control went apart before the release, by the same test as for the release.
   *
   * @param factor  ≥ 1: how far they may differ anyhow
   * @returns ln E; 0 where too little was seen
   */
  logTrendsDiffer(factor: number): number {
    const above = RunningSeries.of(this.trend.map(({ now, expected }) => now - factor * expected));
    const below = RunningSeries.of(this.trend.map(({ now, expected }) => now - expected / factor));
    return logSumExp([gaugeEvidence(above, 'harm').logE, gaugeEvidence(below, 'safe').logE]) - Math.LN2;
  }

  /** Noise of now − ratio · expected; null: too few windows from before. */
  noise(ratio: number): GaugeHistory | null {
    if (this.trend.length < enoughHistory) return null;
    const { lag1Corrected, sampleVariance } = RunningSeries.of(
      this.trend.map(({ now, expected }) => now - ratio * expected),
    ).autocorrelation();
    return { lag1: lag1Corrected, variance: sampleVariance };
  }

  /** How much larger the service's level is than the control's, by the earlier periods; 1 while that is not known. */
  private ratio(): number {
    const { service, control } = this.past;
    return control > 0 ? service / control : 1;
  }
}
