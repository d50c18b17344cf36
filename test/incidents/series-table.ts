import type { Decision } from '../../src/domain/index.js';

/** First and last row, counted from 0 without the heading. */
export type Rows = readonly [first: number, last: number];

/** Two stretches of a recorded series, one taken as the canary of the other. */
export interface SeriesCase {
  readonly id: string;
  /** below the folder of recorded data */
  readonly file: string;
  readonly canary: Rows;
  readonly baseline: Rows;
  /** what the series is, and with it how an engineer would have it judged */
  readonly as: 'counter' | 'level';
  /** verdicts that are right */
  readonly accept: readonly Decision[];
}

/** What `real-inputs.md` says of the recorded series: rows and accepted verdicts are not ours. */
export const seriesCases: readonly SeriesCase[] = [
  {
    id: 'outbound-08',
    file: 'cloud-monitoring/outbound-08.csv',
    canary: [602, 624],
    baseline: [579, 601],
    as: 'counter',
    accept: ['rollback'],
  },
  {
    id: 'outbound-17',
    file: 'cloud-monitoring/outbound-17.csv',
    canary: [602, 624],
    baseline: [579, 601],
    as: 'counter',
    accept: ['promote', 'hold'],
  },
  {
    id: 'app2-02-peak',
    file: 'cloud-monitoring/app2-02.csv',
    canary: [914, 928],
    baseline: [746, 760],
    as: 'level',
    accept: ['rollback'],
  },
  {
    id: 'app2-02-calm',
    file: 'cloud-monitoring/app2-02.csv',
    canary: [600, 623],
    baseline: [576, 599],
    as: 'level',
    accept: ['promote', 'hold'],
  },
  {
    id: 'ec2-cpu',
    file: 'nab/ec2_cpu_utilization_ac20cd.csv',
    canary: [3580, 3775],
    baseline: [2971, 3373],
    as: 'level',
    accept: ['rollback'],
  },
  {
    id: 'taxi-next-week',
    file: 'nab/nyc_taxi.csv',
    canary: [692, 703],
    baseline: [1028, 1039],
    as: 'counter',
    accept: ['promote'],
  },
];

/** A stretch judged against the same series earlier, by a template that says how much earlier. */
export interface EarlierCase {
  readonly id: string;
  readonly file: string;
  readonly canary: Rows;
  /** first row of each reference period, the nearest first */
  readonly references: readonly number[];
  /** rows between the periods, as the template has them: half an hour each */
  readonly apart: number;
  readonly template: string;
  readonly accept: readonly Decision[];
}

/** The daily cycle: the night before is no baseline of a morning, the same hours of other weeks are. */
export const earlierCases: readonly EarlierCase[] = [
  {
    id: 'taxi-night',
    file: 'nab/nyc_taxi.csv',
    canary: [692, 703],
    references: [672, 652, 632, 612],
    apart: 20,
    template: 't-ten-hours-earlier',
    accept: ['hold'],
  },
  {
    id: 'taxi-weeks',
    file: 'nab/nyc_taxi.csv',
    canary: [692, 703],
    references: [1028, 1364, 1700, 2036],
    apart: 336,
    template: 't-weeks-earlier',
    accept: ['promote'],
  },
];
