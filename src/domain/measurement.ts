import type { Histogram, Tail } from '../statistics/index.js';
import type { NoDataCause } from './template.js';
import type { TimeSlice } from './window.js';

/** Counts of one cohort in one window for a proportion. Integers. */
export interface Counts {
  readonly total: number;
  readonly events: number;
}

/** Events of one cohort or pod in one window, and what they are counted per: seconds, requests, … */
export interface ExposedEvents {
  readonly events: number;
  readonly exposure: number;
}

/** Something known of each pod, by its name. Absent where pods cannot be told apart. */
export type OfPods<T> = Readonly<Record<string, T>>;

/**
 * What one cohort did in one window on one metric, and where pods can be told apart what each of them did: of a distribution how many
 * observations lie above the cohort's own percentiles of this window, of a level its own.
 */
export type Sample =
  | ({ readonly kind: 'counts'; readonly pods: OfPods<Counts> } & Counts)
  | { readonly kind: 'distribution'; readonly histogram: Histogram; readonly pods?: OfPods<Tail> }
  | ({ readonly kind: 'rate'; readonly pods?: OfPods<ExposedEvents> } & ExposedEvents)
  | { readonly kind: 'moments'; readonly count: number; readonly mean: number; readonly variance: number }
  | { readonly kind: 'level'; readonly value: number; readonly pods?: OfPods<number> };

/** A cohort that could not be measured in this window, and why. */
export interface Gap {
  readonly kind: 'gap';
  readonly cause: NoDataCause | 'unavailable';
  readonly detail: string;
}

/** What somebody did who got no release, beside the canary and in each reference period. */
export interface ControlReading {
  readonly now: Sample | Gap;
  readonly references: readonly (Sample | Gap)[];
  /** the baseline's own service now: before the release it shows whether control and service go together */
  readonly service: Sample | Gap;
}

/** One metric in one window: what each cohort did. Kept with the look, so that every verdict can be replayed. */
export interface Measurement {
  readonly metric: string;
  readonly baseline: Sample | Gap;
  readonly canary: Sample | Gap;
  /** where the baseline is earlier: what it did in each reference period, the nearest first; `baseline` is their sum */
  readonly references?: readonly (Sample | Gap)[];
  /** where there is a control: what it did, and what the service did with its baseline release at the same time as the canary */
  readonly control?: ControlReading;
  /** sentences about the quality of this reading: partial results, late data, overflow */
  readonly warnings: readonly string[];
}

/** How many observations each cohort had, by slice of the traffic: what the guards compare. Slices are values of one attribute. */
export interface Traffic {
  /** `http.route`; null: not told apart, all observations are in the slice '' */
  readonly attribute: string | null;
  readonly baseline: Readonly<Record<string, number>>;
  readonly canary: Readonly<Record<string, number>>;
}

/** Everything one look learned: one window, all metrics of the template in its order. */
export interface MeasuredWindow extends TimeSlice {
  /** canary weight declared for this window; null: not declared */
  readonly weight: number | null;
  /** index of the phase in force */
  readonly phase: number;
  readonly measurements: readonly Measurement[];
  /** absent or null: not known in this window */
  readonly traffic?: Traffic | null;
  /** judged while the history of the baseline could not be read; absent: with the history that is kept with the run */
  readonly withoutHistory?: true;
}

export const isGap = (sample: Sample | Gap): sample is Gap => sample.kind === 'gap';
