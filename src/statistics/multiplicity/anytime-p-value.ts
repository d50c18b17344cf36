/**
 * P-value that holds at every look: 1 over the largest e-value so far, at most 1. It never rises from look to look.
 *
 * @param logEvidence  ln E at each look so far, in any order; of one null
 * @returns 1 where there was no look
 * @throws {RangeError} NaN
 * @see Ville (1939); Howard, Ramdas, McAuliffe & Sekhon (2021), Time-uniform nonparametric confidence sequences
 */
export function anytimePValue(logEvidence: readonly number[]): number {
  const largest = logEvidence.reduce((most, logE) => Math.max(most, logE), 0);
  if (logEvidence.some(Number.isNaN)) throw new RangeError('evidence must be numbers');
  return Math.exp(-largest);
}
