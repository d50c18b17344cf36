import type { MeasuredWindow, Measurement, Metric, Run, Verdict } from '../domain/index.js';
import { restartSchedule, type Start } from '../statistics/index.js';
import { decide } from '../verdicts/index.js';
import { weigh } from './weigh.js';
import { weighGuards } from './weigh-guards.js';

export interface JudgeOptions {
  /** windows from before the run, oldest first: what noise the baseline has. Fixed when the first look is taken */
  readonly history?: readonly MeasuredWindow[];
  /** intervals of the effects: on for looks that people read, off for the thousands in between */
  readonly withIntervals?: boolean;
  /** what the look before said: where a bake began. Without it a run that bakes cannot be judged in the middle */
  readonly previous?: Verdict | null;
  /** no window will follow: a hold is final */
  readonly lastWindow?: boolean;
}

/**
 * The verdict of one run on the windows measured so far. Pure: the same windows and the same template give the same
 * bytes on any machine, which is what makes every look replayable. Of the look before only the beginning of a bake is
 * needed: it is stored with that verdict, where finding it again would mean to judge every earlier look afresh.
 *
 * @param windows  all windows since the run's start, oldest first, contiguous
 */
export function judge(
  run: Pick<Run, 'template' | 'from'>,
  windows: readonly MeasuredWindow[],
  { history = [], withIntervals = true, previous = null, lastWindow = false }: JudgeOptions = {},
): Verdict {
  const { template, from } = run;
  const { schedule } = template;
  const firstJudged = from.getTime() + schedule.warmupSeconds * 1000;
  const judged = windows.filter((window) => window.from >= firstJudged);
  const newest = windows.at(-1);
  const phase = newest?.phase ?? 0;
  const elapsedSeconds = newest ? (newest.to - from.getTime()) / 1000 : 0;
  const starts = startsOf(run);
  const before = [...history, ...windows.filter((window) => window.from < firstJudged)]; // the warm-up teaches, and decides nothing
  const evidence = template.metrics.flatMap((metric) =>
    weigh({
      template,
      metric,
      windows: judged,
      readings: judged.map((window) => readingOf(window, metric)),
      history: before.map((window) => readingOf(window, metric)),
      phase,
      starts,
      withIntervals,
    }),
  );
  const guards = weighGuards({ template, windows: judged, starts });
  const bakingSince = previous?.bakingSince ?? null;
  return decide({ template, phase, elapsedSeconds, warmup: judged.length === 0, lastWindow, bakingSince, guards }, evidence);
}

/** Fixed by the schedule, not by the data: every 20 windows until the deadline and through the bake. */
function startsOf({ template }: Pick<Run, 'template'>): readonly Start[] {
  const { deadlineSeconds, bakeSeconds, warmupSeconds, windowSeconds } = template.schedule;
  return restartSchedule(Math.max(1, Math.ceil((deadlineSeconds + bakeSeconds - warmupSeconds) / windowSeconds)));
}

function readingOf(window: MeasuredWindow, metric: Metric): Measurement {
  const reading = window.measurements.find((measurement) => measurement.metric === metric.name);
  const gap = { kind: 'gap', cause: 'absent', detail: 'this window was not measured' } as const;
  return reading ?? { metric: metric.name, baseline: gap, canary: gap, warnings: [] };
}
