import { bracketedRoot } from '../special/bracketed-root.js';

export interface QuantileBand {
  /** half the width of the band around the empirical distribution function */
  readonly epsilon: number;
  /** constant of the bound, solved numerically */
  readonly constant: number;
}

/**
 * Band around an empirical distribution function that holds at every value and every number of observations at once.
 *
 * @param count  number of observations, ≥ 1
 * @param alpha  chance that the truth leaves the band anywhere, ever; in (0, 1)
 * @param width  A > 1/√2 of the theorem; 0.85 is near the best for a million observations
 * @throws {RangeError} an argument out of range
 * @see Howard & Ramdas (2022), Sequential estimation of quantiles, Theorem 2
 */
export function quantileBand(count: number, alpha: number, width = 0.85): QuantileBand {
  if (!(count >= 1)) throw new RangeError(`count must be >= 1, got ${count}`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must be in (0, 1), got ${alpha}`);
  if (!(width > Math.SQRT1_2)) throw new RangeError(`width must be > 0.7072, got ${width}`);
  const excess = (constant: number): number => leastLogMiss(constant, width) - Math.log(alpha);
  let high = 8;
  while (excess(high) > 0) high *= 2;
  const constant = bracketedRoot(excess, high / 2 ** 10, high, { relative: 1e-12, absolute: 0 });
  return { constant, epsilon: width * Math.sqrt((Math.log1p(Math.log(count)) + constant) / count) };
}

/** ln of the smallest bound on the chance to miss, over the spacing η > 1 of the epochs; large where there is none. */
function leastLogMiss(constant: number, width: number): number {
  const logMiss = (logEta: number): number => {
    const root = width - Math.sqrt((2 * Math.expm1(logEta)) / constant);
    const gammaSquared = root > 0 ? (2 * root * root) / Math.exp(logEta) : 0;
    if (gammaSquared <= 1) return 1e3 * (2 - gammaSquared + logEta);
    return Math.log(4) - gammaSquared * constant + Math.log1p(1 / ((gammaSquared - 1) * logEta));
  };
  return goldenSectionMinimum(logMiss, 1e-9, Math.log1p((constant * width * width) / 2));
}

function goldenSectionMinimum(f: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let i = 0; i < 70; i++) {
    if (atLeft < atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = f(right);
    }
  }
  return Math.min(atLeft, atRight);
}
