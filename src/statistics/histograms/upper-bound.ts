/** Largest value that exponential bucket `index` holds: β^(index + 1), β = 2^(2^−scale). */
export function upperBound(index: number, scale: number): number {
  return 2 ** ((index + 1) * 2 ** -scale);
}
