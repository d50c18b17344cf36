import { logSumExp } from '../special/log-sum-exp.js';
import { betCount } from './bet-grid.js';
import type { BetEvidence, Start } from './restart-mixture.js';

const fromTheStart: readonly Start[] = [{ index: 0, weight: 1 }];

/**
 * Evidence of bets that began at several fixed windows, kept up to date window by window: a look costs the same after ten
 * windows and after a thousand.
 *
 * An e-process under the same null as its increments, provided that the starts were fixed before the data.
 *
 * @see Shin, Ramdas & Rinaldo (2022), E-detectors
 */
export class RestartBets {
  /** ln of each of the 16 bets since each start, one start after the other */
  private readonly sums: Float64Array;
  private readonly logWeights: readonly number[];
  private windows = 0;

  /**
   * @param starts  weights sum to at most 1; one start at window 0 when absent
   * @throws {RangeError} weights negative or above 1 in total
   */
  constructor(private readonly starts: readonly Start[] = fromTheStart) {
    const weight = starts.reduce((sum, start) => sum + (start.weight >= 0 ? start.weight : Number.NaN), 0);
    if (!(weight <= 1 + 1e-9)) throw new RangeError(`weights of the starts must be >= 0 and sum to at most 1, got ${weight}`);
    this.sums = new Float64Array(betCount * starts.length);
    this.logWeights = starts.map((start) => Math.log(start.weight));
  }

  /** @param increments  what the next window adds to the logarithm of each of the 16 bets */
  add(increments: Float64Array): void {
    const { sums, starts } = this;
    for (let j = 0; j < starts.length; j++) {
      if ((starts[j] as Start).index > this.windows) continue;
      const first = j * betCount;
      for (let k = 0; k < betCount; k++) sums[first + k] = (sums[first + k] as number) + (increments[k] as number);
    }
    this.windows += 1;
  }

  /** ln E over all starts and bets; 0 before the first window. */
  logE(): number {
    return this.mixture(this.partLogE());
  }

  /** The same with its parts. */
  evidence(): BetEvidence {
    const partLogE = this.partLogE();
    return { logE: this.mixture(partLogE), componentLogE: Array.from(this.sumsOf(0)), partLogE };
  }

  /** A start in the future has won nothing yet. */
  private partLogE(): number[] {
    return this.starts.map(({ index }, j) => (index < this.windows ? logSumExp(this.sumsOf(j)) - logBetCount : 0));
  }

  private sumsOf(start: number): Float64Array {
    return this.sums.subarray(start * betCount, (start + 1) * betCount);
  }

  private mixture(parts: readonly number[]): number {
    if (parts.every((part) => part === 0)) return 0; // exactly, where nothing was bet on yet
    return logSumExp(parts.map((part, j) => part + (this.logWeights[j] as number)));
  }
}

const logBetCount = Math.log(betCount);
