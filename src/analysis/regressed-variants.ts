import type { Run } from '../domain/index.js';
import { eBenjaminiHochberg } from '../statistics/index.js';
import { pooledLogHarm } from '../verdicts/index.js';

/**
 * Which variants of a group are harmed, by e-Benjamini-Hochberg over their evidence for harm: valid under any dependence,
 * which the shared baseline brings, and at any time. A variant that was rolled back is always among them.
 *
 * @param runs  of one group, each with its part of the budget
 * @returns ids of runs; the rate is the budget for false rollbacks of the whole group
 */
export function regressedVariants(runs: readonly Run[]): { regressed: string[]; falseDiscoveryRate: number } {
  const falseDiscoveryRate = runs.reduce((sum, { template }) => sum + template.budget.falseRollback, 0);
  const eValues = runs.map(({ verdict }) => {
    const gating = (verdict?.evidence ?? []).filter(({ role, missing }) => role !== 'informational' && missing?.policy !== 'ignore');
    return Math.exp(pooledLogHarm(gating));
  });
  const positions = new Set(eBenjaminiHochberg(eValues, falseDiscoveryRate));
  const isRegressed = ({ verdict }: Run, index: number): boolean =>
    positions.has(index) || verdict?.code === 'harm-evidence' || verdict?.code === 'kayenta-fail';
  return { regressed: runs.filter(isRegressed).map(({ id }) => id), falseDiscoveryRate };
}
