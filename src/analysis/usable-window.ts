import type { TwoArmWindow } from '../statistics/index.js';

/** Both cohorts were seen in it: there is something to compare. */
export const isUsable = ({ canaryTotal, baselineTotal }: Pick<TwoArmWindow, 'canaryTotal' | 'baselineTotal'>): boolean =>
  canaryTotal > 0 && baselineTotal > 0;
