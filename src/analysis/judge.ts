import type { MeasuredWindow, Metric, Verdict } from '../domain/index.js';
import { decide } from '../verdicts/index.js';
import { newFixedHorizonJudge } from './fixed-horizon-judge.js';
import type { RunGuard } from './guarding.js';
import { newKayentaJudge } from './kayenta-judge.js';
import { type JudgedRun, type LookOptions, type RunJudge, readingOf, startsOf } from './run-judge.js';
import { WeighedMetric } from './weigh.js';
import { guardsOf } from './weigh-guards.js';

export type { JudgedRun, LookOptions, RunJudge } from './run-judge.js';

export interface JudgeOptions extends LookOptions {
  /** windows from before the run, oldest first: what noise the baseline has. Fixed when the first look is taken */
  readonly history?: readonly MeasuredWindow[];
}

/**
 * The verdict of one run on the windows measured so far. Pure: the same windows and the same template give the same
 * bytes on any machine, which is what makes every look replayable. Of the look before only the beginning of a bake is
 * needed: it is stored with that verdict, where finding it again would mean to judge every earlier look afresh.
 *
 * @param windows  all windows since the run's start, oldest first, contiguous
 */
export function judge(run: JudgedRun, windows: readonly MeasuredWindow[], { history = [], ...look }: JudgeOptions = {}): Verdict {
  const judging = newRunJudge(run, history);
  for (const window of windows) judging.add(window);
  return judging.verdict(look);
}

/** @param history  windows from before the run, oldest first: what noise the baseline has; may be empty */
export function newRunJudge(run: JudgedRun, history: readonly MeasuredWindow[]): RunJudge {
  const { judge: rule } = run.template;
  if (rule?.kind === 'kayenta') return newKayentaJudge(run, rule);
  return rule?.kind === 'fixed-horizon' ? newFixedHorizonJudge(run) : new LateHistoryJudge(run, history);
}

/** Everything that is judged about a run, from the end of its warm-up on. */
interface Trial {
  readonly metrics: readonly { readonly metric: Metric; readonly weighed: WeighedMetric }[];
  readonly guards: readonly RunGuard[];
}

/** Judges by evidence that is valid at every look. */
class EvidenceJudge implements RunJudge {
  /** the warm-up teaches, and decides nothing */
  private readonly before: MeasuredWindow[];
  private readonly firstJudged: number;
  private newest: MeasuredWindow | null = null;
  /** null: still warming up */
  private trial: Trial | null = null;

  constructor(
    private readonly run: JudgedRun,
    history: readonly MeasuredWindow[],
  ) {
    this.before = [...history];
    this.firstJudged = run.from.getTime() + run.template.schedule.warmupSeconds * 1000;
  }

  add(window: MeasuredWindow): void {
    this.newest = window;
    if (window.from < this.firstJudged) {
      this.before.push(window);
      return;
    }
    this.trial ??= this.begin();
    this.trial.metrics.forEach(({ metric, weighed }, place) => {
      weighed.add(window, readingOf(window, metric, place));
    });
    for (const guard of this.trial.guards) guard.add(window);
  }

  verdict({ intervals = 'exact', previous = null, lastWindow = false }: LookOptions = {}): Verdict {
    const { template, from } = this.run;
    const { metrics, guards } = this.trial ?? this.begin();
    const phase = this.newest?.phase ?? 0;
    const elapsedSeconds = this.newest ? (this.newest.to - from.getTime()) / 1000 : 0;
    const evidence = metrics.flatMap(({ weighed }) => weighed.evidence({ phase, intervals }));
    const found = guards.flatMap((guard) => guard.finding() ?? []);
    const bakingSince = previous?.bakingSince ?? null;
    return decide({ template, phase, elapsedSeconds, warmup: this.trial === null, lastWindow, bakingSince, guards: found }, evidence);
  }

  *settle(): Generator<void> {
    for (const { weighed } of this.trial?.metrics ?? []) {
      weighed.evidence({ phase: this.newest?.phase ?? 0, intervals: 'exact' });
      yield;
    }
  }

  /** Evidence goes on from what another judge of the same windows had by now, where this one has more. */
  goOnFrom(other: EvidenceJudge): void {
    this.trial?.metrics.forEach(({ weighed }, index) => {
      const theirs = other.trial?.metrics[index];
      if (theirs) weighed.goOnFrom(theirs.weighed);
    });
  }

  private begin(): Trial {
    const { template } = this.run;
    const starts = startsOf(template);
    const metrics = template.metrics.map((metric, place) => {
      const history = this.before.map((window) => readingOf(window, metric, place));
      return { metric, weighed: new WeighedMetric({ template, metric, history, starts }) };
    });
    return { metrics, guards: guardsOf(template, starts) };
  }
}

/**
 * Judges the first windows without the history of the baseline, where their looks were taken before it was known, and the others with
 * it. What the early looks could have decided they have; from there on evidence grows by what is known now.
 */
class LateHistoryJudge implements RunJudge {
  private readonly informed: EvidenceJudge;
  /** null: the history is known */
  private uninformed: EvidenceJudge | null = null;
  private isFirst = true;

  constructor(
    private readonly run: JudgedRun,
    private readonly history: readonly MeasuredWindow[],
  ) {
    this.informed = new EvidenceJudge(run, history);
  }

  add(window: MeasuredWindow): void {
    if (this.isFirst && window.withoutHistory && this.history.length > 0) this.uninformed = new EvidenceJudge(this.run, []);
    this.isFirst = false;
    if (this.uninformed && !window.withoutHistory) {
      this.informed.goOnFrom(this.uninformed);
      this.uninformed = null;
    }
    this.informed.add(window);
    this.uninformed?.add(window);
  }

  verdict(options?: LookOptions): Verdict {
    return (this.uninformed ?? this.informed).verdict(options);
  }

  settle(): Iterable<void> {
    return (this.uninformed ?? this.informed).settle();
  }
}
