import { betCount, RestartCapital, type Start } from '../statistics/index.js';
import { isSameTolerance, type Tolerance } from './tolerance.js';

const fromTheStart: readonly Start[] = [{ index: 0, weight: 1 }];

/** What adding logarithms up may leave of nothing. */
const rounding = 1e-12;

/**
 * Evidence of all windows so far against one tolerance. A window costs once; only when the tolerance moves (another phase,
 * another spread of the reference periods) are all windows bet on anew.
 */
export class BetOnTolerance<Window> {
  private capital: RestartCapital;
  private betOn = 0;
  private tolerance: Tolerance | null = null;
  private readonly scratch = new Float64Array(betCount);

  /**
   * @param windows     which their owner adds to
   * @param increments  what a window adds to each bet at this tolerance; may be written to the 16 numbers that it is given
   * @param starts      ascending
   */
  constructor(
    private readonly windows: readonly Window[],
    private readonly increments: (window: Window, tolerance: Tolerance, into: Float64Array) => Float64Array,
    private readonly starts: readonly Start[] = fromTheStart,
  ) {
    this.capital = RestartCapital.of(starts);
  }

  logE(tolerance: Tolerance): number {
    if (this.tolerance === null || !isSameTolerance(this.tolerance, tolerance)) {
      this.capital = RestartCapital.of(this.starts);
      this.betOn = 0;
      this.tolerance = tolerance;
    }
    for (; this.betOn < this.windows.length; this.betOn += 1)
      this.capital.add(this.increments(this.windows[this.betOn] as Window, this.tolerance, this.scratch));
    const logE = this.capital.logE();
    return Math.abs(logE) < rounding ? 0 : logE;
  }
}
