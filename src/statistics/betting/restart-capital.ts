import { logSumExp } from '../special/log-sum-exp.js';
import { betCount } from './bet-grid.js';
import type { Start } from './restart-mixture.js';

/**
 * The capital of bets that begin at several fixed windows, kept in 16 numbers: neither a window nor a question costs more for
 * a run with many starts.
 *
 * The same mixture as {@link restartMixture}, without its parts: a start lays its weight beside what the earlier ones have won so far,
 * and from then on all of them win and lose alike, so that Σ weight · E(since start) needs no sum over the starts.
 * An e-process under the same null as its increments, provided that the starts were fixed before the data.
 *
 * @see Shin, Ramdas & Rinaldo (2022), E-detectors
 */
export class RestartCapital {
  private readonly logCapital = new Float64Array(betCount).fill(Number.NEGATIVE_INFINITY);
  private windows = 0;
  /** starts that have begun */
  private begun = 0;

  private constructor(
    private readonly starts: readonly Start[],
    /** weight of this start and all later ones, one more at the end */
    private readonly resting: readonly number[],
  ) {}

  /** @param starts  ascending; weights sum to at most 1 */
  static of(starts: readonly Start[]): RestartCapital {
    const resting = [0];
    for (const { weight } of starts.toReversed()) resting.push((resting.at(-1) ?? 0) + weight);
    return new RestartCapital(starts, resting.reverse());
  }

  /** @param increments  what the next window adds to the logarithm of each of the 16 bets; null: nothing */
  add(increments: Float64Array | null): void {
    const { logCapital } = this;
    for (let start = this.starts[this.begun]; start && start.index <= this.windows; start = this.starts[++this.begun]) {
      const share = Math.log(start.weight);
      for (let k = 0; k < betCount; k++) logCapital[k] = logSumExp([logCapital[k] as number, share]);
    }
    for (let k = 0; increments && k < betCount; k++) logCapital[k] = (logCapital[k] as number) + (increments[k] as number);
    this.windows += 1;
  }

  /** ln E over all starts and bets; a start in the future has won nothing yet. */
  logE(): number {
    return logSumExp([logSumExp(this.logCapital) - Math.log(betCount), Math.log(this.resting[this.begun] ?? 0)]);
  }

  /** The same capital, to be bet on something else from here on. */
  copy(): RestartCapital {
    const copy = new RestartCapital(this.starts, this.resting);
    copy.logCapital.set(this.logCapital);
    copy.windows = this.windows;
    copy.begun = this.begun;
    return copy;
  }
}
