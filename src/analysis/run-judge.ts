import type { MeasuredWindow, Measurement, Metric, Run, Verdict } from '../domain/index.js';
import { restartSchedule, type Start } from '../statistics/index.js';
import type { Intervals } from './weighing.js';

/** What a judge knows of a run. */
export type JudgedRun = Pick<Run, 'template' | 'from'>;

export interface LookOptions {
  /** how fresh the intervals of the effects must be: exact for verdicts that people keep, none where nobody reads them */
  readonly intervals?: Intervals;
  /** what the look before said: where a bake began. Without it a run that bakes cannot be judged in the middle */
  readonly previous?: Verdict | null;
  /** no window will follow: a hold is final */
  readonly lastWindow?: boolean;
}

/** Judges one run, window by window: a look costs about the same after ten windows and after a thousand. */
export interface RunJudge {
  /** @param window  the next one since the run's start, contiguous */
  add(window: MeasuredWindow): void;
  /** What all windows so far show. Pure: asking changes no later answer. */
  verdict(options?: LookOptions): Verdict;
  /** Does what the next exact verdict would, in steps short enough to serve others in between. */
  settle(): Iterable<void>;
}

/** Fixed by the schedule, not by the data: every 40 windows until the deadline and through the bake. */
export function startsOf({ schedule }: Run['template']): readonly Start[] {
  const { deadlineSeconds, bakeSeconds, warmupSeconds, windowSeconds } = schedule;
  return restartSchedule(Math.max(1, Math.ceil((deadlineSeconds + bakeSeconds - warmupSeconds) / windowSeconds)));
}

/** What a window says of one metric. @param place  of the metric in its template, where its measurement stands too if all were measured */
export function readingOf({ measurements }: MeasuredWindow, metric: Metric, place: number): Measurement {
  const expected = measurements[place];
  if (expected?.metric === metric.name) return expected;
  const reading = measurements.find((measurement) => measurement.metric === metric.name);
  const gap = { kind: 'gap', cause: 'absent', detail: 'this window was not measured' } as const;
  return reading ?? { metric: metric.name, baseline: gap, canary: gap, warnings: [] };
}
