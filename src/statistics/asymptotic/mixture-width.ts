/** Which sequence, and where along it to be sharpest. */
export interface SequenceShape {
  /** in (0, 1), below ½ for one side: error rate that the shape is tuned for */
  readonly alpha: number;
  /** information at which the sequence is tightest, > 0; fixed before the data */
  readonly bestInformation: number;
  readonly oneSided: boolean;
}

/**
 * ρ² of the normal mixture: large is tight early, small is tight late.
 *
 * @throws {RangeError} alpha or bestInformation out of range
 * @see Waudby-Smith et al. (2024), Time-uniform central limit theory and asymptotic confidence sequences, appendix B.2
 */
export function mixtureWidth({ alpha, bestInformation, oneSided }: SequenceShape): number {
  const twoSided = oneSided ? 2 * alpha : alpha;
  if (!(twoSided > 0 && twoSided < 1)) throw new RangeError(`alpha must be in (0, 1), one-sided in (0, 0.5), got ${alpha}`);
  if (!(bestInformation > 0)) throw new RangeError(`bestInformation must be > 0, got ${bestInformation}`);
  const level = -2 * Math.log(twoSided);
  return (level + Math.log1p(level)) / bestInformation;
}
