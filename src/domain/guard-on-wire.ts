import type { GuardFinding } from './verdict.js';
import { eValueOf, finiteOrNull } from './wire-number.js';

/** One guard as everybody outside sees it. */
export interface GuardOnWire {
  readonly guard: GuardFinding['guard'];
  /** it stands against promote */
  readonly alarm: boolean;
  /** e-value ≥ 0 against "the cohorts are comparable", and its natural logarithm */
  readonly evidence: number;
  readonly logEvidence: number | null;
  readonly detail: string;
}

/** What a guard says, with numbers that JSON can hold. */
export const guardOnWire = ({ guard, alarm, logE, detail }: GuardFinding): GuardOnWire => ({
  guard,
  alarm,
  evidence: eValueOf(logE),
  logEvidence: finiteOrNull(logE),
  detail,
});
