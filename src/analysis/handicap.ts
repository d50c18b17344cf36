import type { Finding } from './weighing.js';

/** How much of its evidence a finding may not count, in nats; ≤ 0. */
export interface Handicap {
  readonly harm: number;
  readonly safe: number;
}

type Logs = Pick<Finding, 'logHarm' | 'logSafe'>;

/**
 * What takes evidence down to that of somebody who knew less. Where it has less already, it stays: an e-value that goes on from the
 * smaller of two is one.
 */
export function handicapOf(mine: Logs, theirs: Logs | undefined): Handicap {
  return { harm: Math.min(0, (theirs?.logHarm ?? 0) - mine.logHarm), safe: Math.min(0, (theirs?.logSafe ?? 0) - mine.logSafe) };
}

export function handicapped(finding: Finding, handicap: Handicap | undefined): Finding {
  if (!handicap) return finding;
  return { ...finding, logHarm: finding.logHarm + handicap.harm, logSafe: finding.logSafe + handicap.safe };
}
