import {
  type CohortName,
  cohortNames,
  type Gap,
  isGap,
  type MeasuredWindow,
  type Measurement,
  type MissingData,
  type Sample,
} from '../domain/index.js';
import { isEmptyHistogram } from '../statistics/index.js';
import type { Subject } from './weighing.js';

/**
 * Watches whether a metric can be read now. A source that does not answer is missing at once; a silent cohort only after the
 * template's `staleAfter`, because a window without requests is not an outage.
 */
export class MissingDataWatch {
  /** since when each cohort is silent, in epoch milliseconds; null before the first window */
  private readonly silentSince: Record<CohortName, number | null> = { baseline: null, canary: null };
  private readonly heard: Record<CohortName, boolean> = { baseline: false, canary: false };
  private newest: { readonly reading: Measurement; readonly to: number } | null = null;

  constructor(private readonly subject: Pick<Subject, 'template' | 'metric'>) {}

  add({ from, to }: Pick<MeasuredWindow, 'from' | 'to'>, reading: Measurement): void {
    this.newest = { reading, to };
    for (const cohort of cohortNames) {
      this.silentSince[cohort] ??= from;
      if (!hasData(reading[cohort])) continue;
      this.silentSince[cohort] = to;
      this.heard[cohort] = true;
    }
  }

  /** What the newest reading said of itself and why it has gaps; where there was data before, for how long there is none. */
  warnings(): string[] {
    const { newest, heard } = this;
    if (newest === null) return [];
    const gaps = cohortNames.flatMap((cohort) => {
      const reading = newest.reading[cohort];
      if (!isGap(reading)) return [];
      const seconds = Math.round((newest.to - (this.silentSince[cohort] ?? newest.to)) / 1000);
      return heard[cohort] ? `${reading.detail} in the last ${seconds} s` : reading.detail;
    });
    return [...new Set([...newest.reading.warnings, ...gaps])];
  }

  /** What is missing in the newest window; null: nothing. */
  missing(): MissingData | null {
    const { template, metric } = this.subject;
    if (this.newest === null) return null;
    const needed = metric.margin === null ? (['canary'] as const) : cohortNames;
    for (const cohort of needed) {
      const reading = this.newest.reading[cohort];
      if (isGap(reading) && reading.cause === 'unavailable') return { cause: 'unavailable', policy: 'hold', detail: reading.detail };
      const seconds = (this.newest.to - (this.silentSince[cohort] ?? this.newest.to)) / 1000;
      if (seconds < template.schedule.staleAfterSeconds) continue;
      const cause = causeOf(reading, this.heard[cohort]);
      return { cause, policy: metric.onNoData[cause], detail: describe(cohort, cause, seconds, reading) };
    }
    return null;
  }
}

function hasData(reading: Sample | Gap): boolean {
  switch (reading.kind) {
    case 'gap':
      return false;
    case 'counts':
      return reading.total > 0;
    case 'distribution':
      return !isEmptyHistogram(reading.histogram);
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
