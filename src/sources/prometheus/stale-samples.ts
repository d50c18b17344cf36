import { type CohortName, cohortNames, type Gap, type Measurement, type Sample } from '../../domain/index.js';
import { histogramCount } from '../../statistics/index.js';
import type { CohortSelection } from './cohort-selection.js';
import { newestAge, type StillSeries } from './freshness.js';
import type { MetricPlan } from './metric-plan.js';
import type { SeriesTable } from './series-table.js';
import { unreadable } from './window-measuring.js';

/** A metric that stood still in some window: either nothing happened, or nobody was looking. */
export interface Suspect {
  /** position of the metric in the request */
  readonly index: number;
  readonly still: StillSeries;
}

export const suspectsIn = (measured: readonly (readonly Measurement[])[], plans: readonly MetricPlan[]): Suspect[] =>
  plans.flatMap(({ still }, index) =>
    still && measured.some((window) => window[index] && isSuspect(window[index])) ? [{ index, still }] : [],
  );

/** When samples were taken, and how old the newest may be. */
export interface SampleTimes {
  /** answers to the freshness query of the suspects, at the ends of windows */
  readonly table: SeriesTable;
  readonly cohorts: CohortSelection;
  readonly oldestSeconds: number;
}

/** Turns what stood still because its samples are old into a gap. Where the times are not known it is a gap, too. */
export function markStale(
  measured: readonly (readonly Measurement[])[],
  suspects: readonly Suspect[],
  times: SampleTimes,
): Measurement[][] {
  const questions = new Map(suspects.map(({ index }, question) => [index, question]));
  return measured.map((window, end) =>
    window.map((measurement, index) => {
      const question = questions.get(index);
      if (question === undefined || !isSuspect(measurement)) return measurement;
      const trouble = times.table.problems[end];
      if (trouble) return unreadable(measurement.metric, trouble);
      const judge = (cohort: CohortName): Sample | Gap =>
        judged(measurement[cohort], cohort, newestAge(times.table, question, cohort, end, times.cohorts), times);
      return { ...measurement, baseline: judge('baseline'), canary: judge('canary') };
    }),
  );
}

function judged(sample: Sample | Gap, cohort: CohortName, age: number | null, { oldestSeconds }: SampleTimes): Sample | Gap {
  if (!standsStill(sample) || (age !== null && age <= oldestSeconds)) return sample;
  const detail = age === null ? `the ${cohort} has no samples any more` : `the newest ${cohort} sample is ${Math.round(age)} s old`;
  return { kind: 'gap', cause: 'stale', detail };
}

const isSuspect = (measurement: Measurement): boolean => cohortNames.some((cohort) => standsStill(measurement[cohort]));

/** A level may always be an old one. */
function standsStill(sample: Sample | Gap): boolean {
  switch (sample.kind) {
    case 'counts':
      return sample.total === 0;
    case 'rate':
      return sample.events === 0;
    case 'distribution':
      return histogramCount(sample.histogram) === 0;
    case 'moments':
      return sample.count === 0;
    case 'level':
      return true;
    case 'gap':
      return false;
  }
}
