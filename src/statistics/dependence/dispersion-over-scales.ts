import { dispersionSafetyFactor } from './dispersion-safety-factor.js';

const coldStartWindows = 10;
const coldStartPhi = 4;
/** A longer block than this many of which were seen says nothing yet. */
const fewestBlocks = 8;

/** What one window says of a quantity that would be the same in every window but for noise. */
export interface NoisyWindow {
  /** the quantity: a share, or a difference of two shares */
  readonly value: number;
  /** share in [0, 1] whose binomial variance it has if observations are independent */
  readonly share: number;
  /** effective observations, > 0: the variance is share · (1 − share) / weight */
  readonly weight: number;
}

export interface DispersionOverScales {
  learn(window: NoisyWindow): void;
  /** from the windows learned so far; ≥ 1 */
  phi(): number;
  /** what was learned so far, to go on with another series that has been the same until now */
  copy(): DispersionOverScales;
}

/**
 * Dispersion of a series that is noisy over minutes as well as from window to window: sessions that stay on one side for a
 * while look calm from one window to the next, and not at all from one minute to the next.
 *
 * The largest upper safe estimate over blocks of 1, 2, 4, 8, … windows of which there are at least eight; 4 until ten windows
 * were seen. Noise that lasts longer than an eighth of what was seen is not found.
 *
 * @see windowDispersion, for the estimate of one length
 */
export function dispersionOverScales(): DispersionOverScales {
  return continuing([], 0);
}

function continuing(scales: Scale[], seenBefore: number): DispersionOverScales {
  let seen = seenBefore;
  return {
    learn: (window) => {
      seen += 1;
      carry(scales, 0, window);
    },
    phi: () => {
      if (seen < coldStartWindows) return coldStartPhi;
      const estimates = scales.filter(({ blocks, expected }) => blocks >= fewestBlocks && expected > 0);
      return Math.max(1, ...estimates.map(({ observed, expected, blocks }) => (observed / expected) * dispersionSafetyFactor(blocks)));
    },
    copy: () =>
      continuing(
        scales.map((scale) => ({ ...scale })),
        seen,
      ),
  };
}

/** Blocks of one length: how much neighbours differ, and how much they would if observations were independent. */
interface Scale {
  blocks: number;
  observed: number;
  expected: number;
  previous: NoisyWindow | null;
  /** the first half of a block twice as long */
  half: NoisyWindow | null;
}

/** A block of one length is seen; every second one completes a block of the next length. */
function carry(scales: Scale[], level: number, block: NoisyWindow): void {
  scales[level] ??= { blocks: 0, observed: 0, expected: 0, previous: null, half: null };
  const scale = scales[level];
  if (scale.previous !== null) {
    const { share } = joined(scale.previous, block);
    scale.observed += (block.value - scale.previous.value) ** 2;
    scale.expected += share * (1 - share) * (1 / block.weight + 1 / scale.previous.weight);
  }
  scale.blocks += 1;
  scale.previous = block;
  if (scale.half === null) {
    scale.half = block;
    return;
  }
  const whole = joined(scale.half, block);
  scale.half = null;
  carry(scales, level + 1, whole);
}

function joined(earlier: NoisyWindow, later: NoisyWindow): NoisyWindow {
  const weight = earlier.weight + later.weight;
  const mean = (a: number, b: number): number => (earlier.weight * a + later.weight * b) / weight;
  return { value: mean(earlier.value, later.value), share: mean(earlier.share, later.share), weight };
}
