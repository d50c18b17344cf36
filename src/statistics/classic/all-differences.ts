/** x − y for every pair, ascending; m · n of them. */
export function allDifferences(x: readonly number[], y: readonly number[]): Float64Array {
  return Float64Array.from({ length: x.length * y.length }, (_, i) => {
    return (x[Math.floor(i / y.length)] as number) - (y[i % y.length] as number);
  }).sort();
}
