import { type CohortName, cohortNames, type Gap, isGap, type Measurement, type MissingData, type Sample } from '../domain/index.js';
import { histogramCount } from '../statistics/index.js';
import type { Weighing } from './weighing.js';

/**
 * What is missing on a metric now, in the newest window. A source that does not answer is missing at once; a silent
 * cohort only after the template's `staleAfter`, because a window without requests is not an outage.
 */
export function missingDataOf({ template, metric, windows, readings }: Weighing): MissingData | null {
  const newest = readings.at(-1);
  const end = windows.at(-1)?.to;
  if (newest === undefined || end === undefined) return null;
  const needed = metric.margin === null ? (['canary'] as const) : cohortNames;
  for (const cohort of needed) {
    const reading = newest[cohort];
    if (isGap(reading) && reading.cause === 'unavailable') return { cause: 'unavailable', policy: 'hold', detail: reading.detail };
    const silence = silentSeconds(cohort, windows, readings);
    if (silence.seconds < template.schedule.staleAfterSeconds) continue;
    const cause = causeOf(reading, silence.everHeard);
    return { cause, policy: metric.onNoData[cause], detail: describe(cohort, cause, silence.seconds, reading) };
  }
  return null;
}

function silentSeconds(
  cohort: CohortName,
  windows: Weighing['windows'],
  readings: readonly Measurement[],
): { seconds: number; everHeard: boolean } {
  const last = readings.findLastIndex((reading) => hasData(reading[cohort]));
  const since = last < 0 ? windows[0]?.from : windows[last]?.to;
  const end = windows.at(-1)?.to ?? 0;
  return { seconds: (end - (since ?? end)) / 1000, everHeard: last >= 0 };
}

function hasData(reading: Sample | Gap): boolean {
  switch (reading.kind) {
    case 'gap':
      return false;
    case 'counts':
      return reading.total > 0;
    case 'distribution':
      return histogramCount(reading.histogram) > 0;
    case 'rate':
      return reading.exposure > 0;
    case 'moments':
      return reading.count > 0;
    case 'level':
      return Number.isFinite(reading.value);
  }
}

function causeOf(reading: Sample | Gap, everHeard: boolean): Exclude<MissingData['cause'], 'unavailable'> {
  if (!isGap(reading)) return 'zero';
  if (reading.cause === 'nan' || reading.cause === 'zero') return reading.cause;
  return everHeard ? 'stale' : 'absent';
}

function describe(cohort: CohortName, cause: MissingData['cause'], seconds: number, reading: Sample | Gap): string {
  const since = `for ${Math.round(seconds)} s`;
  switch (cause) {
    case 'zero':
      return `the ${cohort} has had no traffic ${since}`;
    case 'nan':
      return isGap(reading) ? reading.detail : `the ${cohort} gives no number`;
    case 'absent':
      return `no ${cohort} data at all ${since}; check that the ${cohort} is running and that the template's matchers select it`;
    case 'stale':
    case 'unavailable':
      return `no ${cohort} data ${since}`;
  }
}
