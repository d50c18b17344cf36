import type { Margin } from '../domain/index.js';
import type { OneDirection } from './weighing.js';

/** A margin, and how much wider (above 1) or tighter (below 1) it is because cohorts differ for other reasons than the release. */
export interface Tolerance {
  readonly margin: Margin;
  readonly factor: number;
  /** how unlike pods are: each window is judged with the room that its pods need; negative tightens. Absent: 0 */
  readonly tau?: number;
}

export const isSameTolerance = (a: Tolerance, b: Tolerance): boolean =>
  a.factor === b.factor &&
  (a.tau ?? 0) === (b.tau ?? 0) &&
  a.margin.relative === b.margin.relative &&
  a.margin.absolute === b.margin.absolute;

/** The margin with the factor on its ratio. */
export function widened({ margin, factor }: Tolerance, direction: OneDirection): Margin {
  const { relative, absolute } = margin;
  if (factor === 1) return margin;
  return { relative: direction === 'increase' ? (1 + relative) * factor - 1 : 1 - (1 - relative) / factor, absolute };
}
