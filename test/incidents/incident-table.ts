import type { CohortName, Decision } from '../../src/domain/index.js';

interface Expected {
  readonly id: string;
  readonly fault: string;
  /** template the expectation is stated for */
  readonly template: 't-red' | 't-err';
  /** verdicts that are right */
  readonly accept: readonly Decision[];
  /** requests of each cohort, exactly */
  readonly count: Readonly<Record<CohortName, number>>;
}

/** An incident kept as traces, one file a minute. */
export interface TracedIncident extends Expected {
  readonly day: string;
  readonly minutes: readonly string[];
  /** requests that start before it are the baseline; seconds since the epoch */
  readonly onset: number;
}

/** What `real-inputs.md` says of the recorded traces: faults, onsets and accepted verdicts are not ours. */
export const tracedIncidents: readonly TracedIncident[] = [
  {
    id: 'N01',
    fault: 'recommendation network delay',
    day: '2022-08-23',
    minutes: ['15_12', '15_13', '15_14'],
    onset: 1661267569,
    template: 't-red',
    accept: ['rollback'],
    count: { baseline: 696, canary: 769 },
  },
  {
    id: 'N02',
    fault: 'frontend CPU',
    day: '2022-08-23',
    minutes: ['12_18', '12_19', '12_20'],
    onset: 1661257103,
    template: 't-red',
    accept: ['rollback'],
    count: { baseline: 457, canary: 830 },
  },
  {
    id: 'N04',
    fault: 'productcatalog network delay',
    day: '2022-08-23',
    minutes: ['14_30', '14_31', '14_32'],
    onset: 1661265010,
    template: 't-red',
    accept: ['rollback'],
    count: { baseline: 345, canary: 993 },
  },
  {
    id: 'N08',
    fault: 'productcatalog CPU',
    day: '2022-08-22',
    minutes: ['06_35', '06_36', '06_37'],
    onset: 1661150139,
    template: 't-red',
    accept: ['rollback'],
    count: { baseline: 669, canary: 751 },
  },
  {
    id: 'N12',
    fault: 'frontend fails fast',
    day: '2022-08-23',
    minutes: ['12_10', '12_11', '12_12'],
    onset: 1661256621,
    template: 't-red',
    accept: ['hold', 'rollback'],
    count: { baseline: 436, canary: 1121 },
  },
  {
    id: 'N15',
    fault: 'checkout fails',
    day: '2022-08-23',
    minutes: ['13_10', '13_11'],
    onset: 1661260236,
    template: 't-red',
    accept: ['rollback', 'hold'],
    count: { baseline: 568, canary: 433 },
  },
  {
    id: 'N18',
    fault: 'payment network delay',
    day: '2022-08-22',
    minutes: ['05_52', '05_53'],
    onset: 1661147574,
    template: 't-red',
    accept: ['hold'],
    count: { baseline: 768, canary: 217 },
  },
  {
    id: 'N21',
    fault: 'shipping network delay',
    day: '2022-08-22',
    minutes: ['07_18', '07_19'],
    onset: 1661152675,
    template: 't-red',
    accept: ['rollback', 'hold'],
    count: { baseline: 284, canary: 670 },
  },
  {
    id: 'N24',
    fault: 'adservice exception, front end degrades gracefully',
    day: '2022-08-22',
    minutes: ['07_53', '07_54', '07_55'],
    onset: 1661154813,
    template: 't-red',
    accept: ['promote', 'hold'],
    count: { baseline: 618, canary: 891 },
  },
  {
    id: 'L01',
    fault: 'basic-service delay, low traffic',
    day: '2023-01-30',
    minutes: ['12_06', '12_07', '12_08'],
    onset: Date.UTC(2023, 0, 30, 12, 7, 12) / 1000,
    template: 't-red',
    accept: ['rollback', 'hold'],
    count: { baseline: 72, canary: 72 },
  },
  {
    id: 'L06',
    fault: 'food service CPU, low traffic',
    day: '2023-01-29',
    minutes: ['14_49', '14_50', '14_51'],
    onset: Date.UTC(2023, 0, 29, 14, 49, 57) / 1000,
    template: 't-red',
    accept: ['hold'],
    count: { baseline: 99, canary: 66 },
  },
];

/** Incidents kept as requests and errors a minute. */
export const countedIncidents: readonly Expected[] = [
  {
    id: 'E01',
    fault: 'errors on 2 to 6 % of requests',
    template: 't-err',
    accept: ['rollback', 'hold'],
    count: { baseline: 2128, canary: 1040 },
  },
  {
    id: 'E03',
    fault: 'errors on 4 to 5 % of requests',
    template: 't-err',
    accept: ['rollback', 'hold'],
    count: { baseline: 1568, canary: 1036 },
  },
  { id: 'E07', fault: 'none', template: 't-err', accept: ['promote'], count: { baseline: 2784, canary: 2596 } },
];
