import { quantileType7 } from '../quantiles/quantile-type7.js';

/** What one window says of a series that would be the same in every window but for noise. */
export interface SeriesWindow {
  /** share, rate, level …, ≥ 0 */
  readonly value: number;
  /** observations or exposure, > 0, that a share or rate is of; null: a value that is no count */
  readonly weight: number | null;
}

/** An excess is at least this many times the usual value … */
const leastRatio = 3;
/** … and beyond it by this many robust standard deviations. */
const leastDeviations = 5;
/** It lasts when this many … */
const leastBad = 3;
/** … of so many neighbouring windows have it. */
const group = 5;

/** The usual value is the median over blocks of this many windows: single windows of a rare event are all 0. */
const block = 20;
/** Counts vary by at least so much more than independent ones: bursts are no outage. */
const usualDispersion = 4;
/** Makes the median absolute deviation a standard deviation for normal values. */
const normalConsistency = 1.4826;

/**
 * Which windows belong to an outage: a stretch in which most windows are far above all others.
 *
 * For looking back, before anything is learned from the series. Noise is kept: a single burst, however large, a slow drift and
 * a period that is half of the series are not found. One window more is taken at both ends, as an outage does not begin with a window.
 *
 * @returns one answer for each window, in order
 * @see docs/statistics.md, history
 */
export function sustainedExcess(series: readonly SeriesWindow[]): boolean[] {
  const usual = usualValue(series);
  const spread = normalConsistency * median(series.map(({ value }) => Math.abs(value - usual)));
  const rarest = 1 / weightOf(series); // no event at all is not a share of 0
  const isBad = series.map(({ value, weight }) => {
    const chance = weight === null ? 0 : Math.sqrt((usualDispersion * Math.max(usual, rarest)) / weight);
    return value > leastRatio * usual && value > usual + leastDeviations * Math.max(spread, chance);
  });
  const lasts = series.map(() => false);
  for (let from = 0; from + group <= series.length; from += 1) {
    const bad = indexesOf(isBad, from, from + group);
    if (bad.length < leastBad) continue;
    for (let index = (bad[0] ?? 0) - 1; index <= (bad.at(-1) ?? 0) + 1; index += 1)
      if (index >= 0 && index < lasts.length) lasts[index] = true;
  }
  return lasts;
}

function usualValue(series: readonly SeriesWindow[]): number {
  const means: number[] = [];
  for (let from = 0; from < series.length; from += block) {
    const part = series.slice(from, from + block);
    const weight = weightOf(part);
    if (weight > 0) means.push(part.reduce((sum, window) => sum + window.value * (window.weight ?? 1), 0) / weight);
  }
  return means.length > 0 ? median(means) : 0;
}

const weightOf = (series: readonly SeriesWindow[]): number => series.reduce((sum, { weight }) => sum + (weight ?? 1), 0);

const median = (values: readonly number[]): number => quantileType7(values, 0.5);

/** Positions in [from, to) that are true. */
function indexesOf(flags: readonly boolean[], from: number, to: number): number[] {
  const found: number[] = [];
  for (let index = from; index < to; index += 1) if (flags[index]) found.push(index);
  return found;
}
