import type { Run } from '../domain/index.js';
import { eBenjaminiHochberg } from '../statistics/index.js';
import { pooledLogHarm } from '../verdicts/index.js';

/**
 * Which variants of a group are harmed, by e-Benjamini-Hochberg over their evidence for harm: valid under any dependence, which the
 * shared baseline brings, at one look, whenever somebody decides to take it; not for all that were ever listed at some look. A variant
 * that was rolled back is always among them, by the budget of its own.
 *
 * @param runs  of one group, each with its part of the budget
 * @returns ids of runs; the rate is the budget for false rollbacks of the whole group
 */
export function regressedVariants(runs: readonly Run[]): { regressed: string[]; falseDiscoveryRate: number } {
  const falseDiscoveryRate = runs.reduce((sum, { template }) => sum + template.budget.falseRollback, 0);
  const eValues = runs.map(({ verdict }) => Math.exp(pooledLogHarm(verdict?.evidence ?? [])));
  const positions = new Set(eBenjaminiHochberg(eValues, falseDiscoveryRate));
  const isRegressed = ({ verdict }: Run, index: number): boolean =>
    positions.has(index) || verdict?.code === 'harm-evidence' || verdict?.code === 'kayenta-fail';
  return { regressed: runs.filter(isRegressed).map(({ id }) => id), falseDiscoveryRate };
}
