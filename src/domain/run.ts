import type { Cohorts } from './cohort.js';
import type { Template } from './template.js';
import type { Verdict } from './verdict.js';

/** running: looks go on; finished: a final verdict stands; cancelled: stopped by a person, never a success. */
export type RunState = 'running' | 'finished' | 'cancelled';

/** live: follows the clock; retrospective: a stretch of the past, judged as fast as it can. */
export type RunMode = 'live' | 'retrospective';

/** From this moment the canary has this declared weight. */
export interface PhaseChange {
  readonly at: Date;
  readonly weight: number | null;
  /** index into the template's phases; 0 where it has none */
  readonly phase: number;
}

/** One template, its arguments, a baseline and a canary, for one rollout step or a whole rollout. */
export interface Run {
  /** `run_` and 20 characters, sortable by time */
  readonly id: string;
  readonly mode: RunMode;
  readonly state: RunState;
  /** arguments are filled in: no `${…}` is left. Pinned when the run was created */
  readonly template: Template;
  readonly arguments: Readonly<Record<string, string>>;
  readonly cohorts: Cohorts;
  /** what the caller called the two sides, for people */
  readonly names: { readonly baseline: string; readonly canary: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly phaseChanges: readonly PhaseChange[];
  readonly createdAt: Date;
  /** start of the first window; aligned to the window length */
  readonly from: Date;
  /** end of a retrospective run; null for a live one */
  readonly to: Date | null;
  /** looks taken so far = windows judged so far */
  readonly looks: number;
  /** the newest verdict; null before the first look */
  readonly verdict: Verdict | null;
  readonly finishedAt: Date | null;
  /** the run that this one repeats */
  readonly rerunOf: string | null;
}

/** One decision on the data so far. */
export interface Look {
  readonly runId: string;
  /** 1-based */
  readonly sequence: number;
  readonly at: Date;
  readonly verdict: Verdict;
}
