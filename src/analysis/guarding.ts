import type { GuardFinding, MeasuredWindow } from '../domain/index.js';

/**
 * ln of the e-value at which a guard alarms: once in 1000 healthy runs at most, over all looks, where its dispersion is known from before.
 * That of the sample ratio is learned from the windows it tempers: there it is an aim, which simulated sessions keep.
 */
export const alarmLogE = Math.log(1000);

/** ln 5: evidence too weak to alarm and too strong to promote over, as with evidence of harm; of a mix, in any one bet. */
export const suspicionLogE = Math.log(5);

/** All observations of one cohort in one window. */
export const totalOf = (slices: Readonly<Record<string, number>>): number => Object.values(slices).reduce((sum, count) => sum + count, 0);

/** A guard of one run, kept up to date window by window: neither a window nor a finding costs more in a long run. */
export interface RunGuard {
  /** @param window  the next one after the warm-up; in order of time, also where it brought nothing */
  add(window: MeasuredWindow): void;
  /** what all windows so far say; null while there is nothing to go by */
  finding(): GuardFinding | null;
}
