/** What is believed before anything was seen: a dispersion of 2, as firmly as so many pairs of windows would teach it. */
const believedPhi = 2;
const believedPairs = 3;

/** The values of one cohort in one window. */
interface ValuesOfWindow {
  readonly count: number;
  /** in any unit u */
  readonly mean: number;
  /** sample variance (denominator count − 1), in u² */
  readonly variance: number;
}

/**
 * How much more the means of windows differ than independent values explain: ten equal values of each user make it 10, and windows
 * with a level of their own make it larger the more values they hold.
 *
 * From the squared differences of neighbouring windows of each cohort, so that a slow drift of the mean cancels, against the variance
 * inside these windows; raised by one standard error. Assumes that windows are longer than what lasts: noise that stays
 * for several windows is not found. The largest difference of a cohort counts for no more than the next: a level that changes once
 * is a change and not noise. Only sums are kept.
 *
 * @see docs/statistics.md, means and gauges
 */
export class MeanDispersion {
  private readonly ofBaseline = new Neighbours();
  private readonly ofCanary = new Neighbours();

  /** In order of time; a window with fewer than two values teaches nothing. @param canary  beside it; absent before the run */
  learn(baseline: ValuesOfWindow, canary?: ValuesOfWindow): void {
    this.ofBaseline.learn(baseline);
    if (canary) this.ofCanary.learn(canary);
  }

  /** ≥ 1, from the windows learned so far */
  phi(): number {
    const { ofBaseline, ofCanary } = this;
    const pairs = ofBaseline.pairs + ofCanary.pairs;
    const expected = ofBaseline.expected + ofCanary.expected;
    const seen = expected > 0 ? pairs : 0;
    const raw = seen > 0 ? (ofBaseline.observed() + ofCanary.observed()) / expected : 0;
    const estimate = (raw * seen + believedPhi * believedPairs) / (seen + believedPairs);
    return Math.max(1, estimate * (1 + standardError(seen + believedPairs)));
  }
}

/** Of an estimate, as a share of it: neighbouring differences share a window, so J of them are worth 2J/3 independent ones. */
const standardError = (pairs: number): number => Math.sqrt(3 / pairs);

/** One window of a cohort after the other, and the differences between them. */
class Neighbours {
  pairs = 0;
  /** sum over pairs of the variance of values inside the windows */
  expected = 0;
  /** sum over pairs of what it would be by the difference of their means, and the two largest of these */
  private sum = 0;
  private largest = 0;
  private next = 0;
  private previous: ValuesOfWindow | null = null;

  learn(window: ValuesOfWindow): void {
    if (!(window.count >= 2)) return;
    const { previous } = this;
    this.previous = window;
    if (previous === null) return;
    this.pairs += 1;
    this.expected += pooledVariance(previous, window);
    this.add((window.mean - previous.mean) ** 2 / (1 / window.count + 1 / previous.count));
  }

  /** As if the largest were like the next. */
  observed(): number {
    return this.sum - this.largest + this.next;
  }

  private add(observed: number): void {
    this.sum += observed;
    this.next = Math.max(this.next, Math.min(this.largest, observed));
    this.largest = Math.max(this.largest, observed);
  }
}

const pooledVariance = (one: ValuesOfWindow, other: ValuesOfWindow): number =>
  ((one.count - 1) * one.variance + (other.count - 1) * other.variance) / (one.count + other.count - 2);
