import { bracketedRoot, type Closeness } from '../special/bracketed-root.js';

/** Where to look for a bound. */
export interface SearchRange {
  /** farthest value on the side of the bound; not rejected there means unbounded */
  readonly outside: number;
  /** a value thought to be accepted, such as a point estimate */
  readonly inside: number;
  /** farthest value on the other side, used when even `inside` is rejected */
  readonly opposite: number;
  /** length of the first step from `inside` towards `outside`, > 0 */
  readonly firstStep: number;
}

/**
 * The end of a confidence sequence: where evidence against a value falls to the level needed to reject it.
 *
 * @param excess  log evidence against a value minus the level; ≥ 0 means rejected; rises towards `outside`
 * @returns null where nothing is rejected; `opposite` where everything is
 */
export function rejectionBound(excess: (value: number) => number, range: SearchRange, closeness: Closeness): number | null {
  const { outside, inside, opposite, firstStep } = range;
  const direction = Math.sign(outside - inside);
  let accepted = inside;
  let step = firstStep;
  if (excess(inside) >= 0) {
    if (excess(opposite) >= 0) return opposite;
    return bracketedRoot(excess, opposite, inside, closeness);
  }
  for (;;) {
    const candidate = accepted + direction * step;
    const beyond = direction * (candidate - outside) >= 0;
    const next = beyond ? outside : candidate;
    if (excess(next) >= 0) return bracketedRoot(excess, accepted, next, closeness);
    if (beyond) return null;
    accepted = next;
    step *= 2;
  }
}
