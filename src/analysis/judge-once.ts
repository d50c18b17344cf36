import type { Evidence, MeasuredWindow, Measurement, Metric, MissingData, Template, Verdict } from '../domain/index.js';
import { decideOnce, type Judgement } from '../verdicts/index.js';
import type { RunGuard } from './guarding.js';
import { MissingDataWatch } from './missing-data.js';
import { type JudgedRun, type LookOptions, type RunJudge, readingOf, startsOf } from './run-judge.js';
import { guardsOf } from './weigh-guards.js';
import { SeenSoFar } from './window-values.js';

/** One metric with all that was read of it after the warm-up. */
export interface RecordedMetric {
  readonly template: Template;
  readonly metric: Metric;
  readonly readings: readonly Measurement[];
  /** the canary's declared weight in each of these windows */
  readonly weights: readonly (number | null)[];
  /** start of the run, ms since the epoch */
  readonly runFrom: number;
}

/** What a question of a judge that decides once finds: evidence without what every metric has anyhow. */
export type FoundOnce = Pick<
  Evidence,
  'name' | 'weight' | 'direction' | 'assessment' | 'effect' | 'margin' | 'baseline' | 'canary' | 'windows' | 'once' | 'warnings'
>;

/** What differs between the judges that decide once. */
export interface OnceMethod {
  /** it has its say at every look, not only at the horizon */
  readonly atEveryLook: boolean;
  /** One piece for each question, judged. */
  judge(recorded: RecordedMetric): FoundOnce[];
  /** The same before the horizon: nothing that invites to act on it. */
  open(metric: Metric): Pick<FoundOnce, 'name' | 'weight' | 'direction' | 'once'>[];
  /** What all of it comes to. @param evidence  of every metric */
  conclude(evidence: readonly Evidence[]): { readonly evidence: Evidence[]; readonly judgement: Judgement };
}

/** One metric while it is gathered. */
interface Gathered {
  readonly metric: Metric;
  readonly readings: Measurement[];
  readonly silence: MissingDataWatch;
  readonly seen: SeenSoFar;
}

/**
 * Judges a run once, at its horizon: the deadline, or the end of a stretch of the past. Until then it only gathers; the
 * warm-up is left out, and so is whatever comes before `minDuration` is over.
 */
export class OnceJudge implements RunJudge {
  private readonly firstJudged: number;
  private readonly metrics: readonly Gathered[];
  private readonly weights: (number | null)[] = [];
  private readonly guards: readonly RunGuard[];
  private newest: MeasuredWindow | null = null;
  /** of each metric, as long as no window is added */
  private found: FoundOnce[][] = [];

  constructor(
    private readonly run: JudgedRun,
    private readonly method: OnceMethod,
  ) {
    const { template, from } = run;
    this.firstJudged = from.getTime() + template.schedule.warmupSeconds * 1000;
    this.metrics = template.metrics.map((metric) => ({
      metric,
      readings: [],
      silence: new MissingDataWatch({ template, metric }),
      seen: new SeenSoFar(metric),
    }));
    this.guards = guardsOf(template, startsOf(template));
  }

  add(window: MeasuredWindow): void {
    this.newest = window;
    this.found = [];
    if (window.from < this.firstJudged) return;
    this.metrics.forEach(({ metric, readings, silence, seen }, place) => {
      const reading = readingOf(window, metric, place);
      readings.push(reading);
      silence.add(window, reading);
      seen.add(reading);
    });
    this.weights.push(window.weight);
    for (const guard of this.guards) guard.add(window);
  }

  verdict({ lastWindow = false }: LookOptions = {}): Verdict {
    const { template } = this.run;
    const elapsedSeconds = this.elapsedSeconds();
    const guards = this.guards.flatMap((guard) => guard.finding() ?? []);
    const standing = { template, phase: this.newest?.phase ?? 0, elapsedSeconds, warmup: this.weights.length === 0, lastWindow, guards };
    const isHorizon = lastWindow || elapsedSeconds >= template.schedule.deadlineSeconds;
    if (!this.isJudged(isHorizon)) return decideOnce(standing, this.openEvidence(), null, isHorizon);
    const { evidence, judgement } = this.method.conclude(this.judgedEvidence());
    return decideOnce(standing, evidence, judgement, isHorizon);
  }

  *settle(): Generator<void> {
    if (!this.isJudged(this.elapsedSeconds() >= this.run.template.schedule.deadlineSeconds)) return;
    for (const index of this.metrics.keys()) {
      this.findingsOf(index);
      yield;
    }
  }

  private isJudged(isHorizon: boolean): boolean {
    const { warmupSeconds, minDurationSeconds } = this.run.template.schedule;
    const isLongEnough = this.elapsedSeconds() >= warmupSeconds + minDurationSeconds;
    return this.weights.length > 0 && isLongEnough && (isHorizon || this.method.atEveryLook);
  }

  private elapsedSeconds(): number {
    return this.newest ? (this.newest.to - this.run.from.getTime()) / 1000 : 0;
  }

  private findingsOf(index: number): FoundOnce[] {
    const known = this.found[index];
    const recorded = this.metrics[index];
    if (known || !recorded) return known ?? [];
    const { metric, readings } = recorded;
    const found = this.method.judge({
      template: this.run.template,
      metric,
      readings,
      weights: this.weights,
      runFrom: this.run.from.getTime(),
    });
    this.found[index] = found;
    return found;
  }

  private judgedEvidence(): Evidence[] {
    return this.metrics.flatMap((gathered, index) => this.findingsOf(index).map((found) => this.complete(gathered, found)));
  }

  private openEvidence(): Evidence[] {
    const unbounded = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, estimate: null };
    return this.metrics.flatMap((gathered) => {
      const { metric, readings, seen } = gathered;
      const counts = { baseline: seen.count('baseline'), canary: seen.count('canary'), windows: readings.length };
      const nothing = { assessment: 'undecided', effect: unbounded, margin: Number.POSITIVE_INFINITY, warnings: [] } as const;
      return this.method.open(metric).map((open) => this.complete(gathered, { ...open, ...counts, ...nothing }));
    });
  }

  private complete({ metric, silence, seen }: Gathered, found: FoundOnce): Evidence {
    const { minSamples } = this.run.template.schedule;
    return {
      ...found,
      metric: metric.name,
      role: metric.role,
      unit: metric.unit,
      logHarm: 0,
      logSafe: 0,
      effectKind: 'difference',
      enoughSamples: metric.kind === 'gauge' || (found.canary.count >= minSamples && found.baseline.count >= minSamples),
      phi: 1,
      ...seen.podsSeen(),
      neededObservations: null,
      missing: silence.missing() ?? neverSeen(metric, found),
      warnings: [...found.warnings, ...silence.warnings()],
    };
  }
}

/** A run may end before silence counts as missing; a side that never gave a value is missing all the same. */
function neverSeen({ onNoData }: Metric, { once, baseline, canary }: FoundOnce): MissingData | null {
  const isNothing = once?.judge === 'kayenta' ? once.classification?.startsWith('Nodata') : false;
  const silent = (['baseline', 'canary'] as const).filter((cohort) => ({ baseline, canary })[cohort].count === 0);
  if (!isNothing || silent.length === 0) return null;
  return { cause: 'absent', policy: onNoData.absent, detail: `no ${silent.join(' and no ')} data in the whole run` };
}
