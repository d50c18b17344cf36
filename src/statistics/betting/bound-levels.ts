/** Chance, at any look, that the true value lies below `lower` or above `upper`; a number means each of the two. */
export type BoundLevels = number | { readonly lower: number; readonly upper: number };

/** ln(1/α) of each side. */
export function boundLevels(alpha: BoundLevels): { low: number; high: number } {
  const { lower, upper } = typeof alpha === 'number' ? { lower: alpha, upper: alpha } : alpha;
  if (!(lower > 0 && lower < 1 && upper > 0 && upper < 1)) throw new RangeError(`alpha must be in (0, 1), got ${lower} and ${upper}`);
  return { low: -Math.log(lower), high: -Math.log(upper) };
}
