import type { MeasuredWindow } from '../../../src/domain/index.js';
import { type Reading, readingsOf, windowsPerMinute } from './readings.js';

/** One check a minute on that minute alone; rolls back at the n-th one that fails. */
export function rollbackByFailures(
  windows: readonly MeasuredWindow[],
  percentile: number,
  fails: (reading: Reading) => boolean,
  limit: number,
): number | null {
  const metrics = windows[0]?.measurements.length ?? 0;
  const failures = new Array<number>(metrics).fill(0);
  const series = Array.from({ length: metrics }, (_, metric) => readingsOf(windows, metric, windowsPerMinute, percentile));
  for (let minute = 0; (minute + 1) * windowsPerMinute <= windows.length; minute += 1) {
    for (const [metric, readings] of series.entries()) {
      const reading = readings[minute];
      if (reading && fails(reading)) failures[metric] = (failures[metric] ?? 0) + 1;
      if ((failures[metric] ?? 0) >= limit) return (minute + 1) * windowsPerMinute;
    }
  }
  return null;
}
