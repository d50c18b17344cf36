import type { TwoArmWindow } from './two-arm-window.js';

/** Windows of one split and one dispersion; evidence without cap is linear in their counts, so they may be added up. */
export interface WindowGroup {
  /** canary observations per baseline observation */
  readonly kappa: number;
  /** all counts divided by phi */
  canaryEvents: number;
  canaryTotal: number;
  baselineEvents: number;
  baselineTotal: number;
}

/** Windows by split, so that a search over margins evaluates each split once. Windows with an empty cohort are left out. */
export function mergeSimilarWindows(windows: readonly TwoArmWindow[]): WindowGroup[] {
  const groups = new Map<number, WindowGroup>();
  for (const { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi } of windows) {
    if (!(canaryTotal > 0 && baselineTotal > 0)) continue;
    const kappa = canaryTotal / baselineTotal;
    let group = groups.get(kappa);
    if (!group) {
      group = { kappa, canaryEvents: 0, canaryTotal: 0, baselineEvents: 0, baselineTotal: 0 };
      groups.set(kappa, group);
    }
    group.canaryEvents += canaryEvents / phi;
    group.canaryTotal += canaryTotal / phi;
    group.baselineEvents += baselineEvents / phi;
    group.baselineTotal += baselineTotal / phi;
  }
  return [...groups.values()];
}
