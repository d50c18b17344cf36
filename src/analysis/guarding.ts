/** ln of the e-value at which a guard alarms: once in 1000 healthy runs at most, over all looks. */
export const alarmLogE = Math.log(1000);

/** All observations of one cohort in one window. */
export const totalOf = (slices: Readonly<Record<string, number>>): number => Object.values(slices).reduce((sum, count) => sum + count, 0);
