import type { CohortSummary, Margin, Measurement, Sample } from '../domain/index.js';
import { gaugeDifferenceBounds, gaugeEvidence, logSumExp, RunningSeries, type Side } from '../statistics/index.js';
import { ExcessOverNoise } from './excess-over-noise.js';
import { roomForLasting } from './lasting-pods.js';
import { LevelNoise, type NoiseOfDifference, type PodShares } from './level-noise.js';
import { PodsServing } from './pods-serving.js';
import {
  type Answer,
  type Asked,
  askEachDirection,
  harmCap,
  type OneDirection,
  type Question,
  type Subject,
  safeMarginOf,
  sampleOf,
  unbounded,
  type Weigher,
} from './weighing.js';

type LevelSample = Extract<Sample, { kind: 'level' }>;

const uncalibrated = 'uncalibrated: the noise of this level was learned from the run itself, not from its history';

/** What a reader should know of where the noise is known from. */
const noiseWarnings = {
  pods: [],
  level: [
    'partly uncalibrated: without the level of each pod nobody knows how much of the noise in the history both cohorts share; half of the capital bets on what the run itself shows',
  ],
  run: [uncalibrated],
} as const;

const tooFewPods =
  'fewer than six pods told their levels before the run: how much pods differ for good is not known, and a pod that does looks like a release that does';

/** A level of both cohorts against each other, or of the canary against a limit, one value a window. */
export function weighGauge(subject: Subject): Weigher {
  const { margin, limit } = subject.metric;
  return askEachDirection(subject, (direction) =>
    margin === null ? new AgainstLimit(subject, direction, limit ?? 0) : new AgainstBaseline(subject, direction, margin),
  );
}

/** Is the canary's level within the margin of the baseline's? */
class AgainstBaseline implements Question {
  private readonly noise: LevelNoise;
  private readonly levels = { baseline: new RunningSeries(), canary: new RunningSeries() };
  private readonly pairs: { readonly baseline: number; readonly canary: number }[] = [];
  private readonly difference = new RunningSeries();
  private readonly harm: DifferenceAt;
  private readonly safe: DifferenceAt;
  private readonly pods = { baseline: new PodsServing(), canary: new PodsServing() };
  private readonly perPod = { baseline: 0, canary: 0 };
  private readonly sign: 1 | -1;
  private readonly excess: ExcessOverNoise | null;

  constructor(
    private readonly subject: Subject,
    direction: OneDirection,
    private readonly margin: Margin,
  ) {
    this.noise = noiseBefore(subject);
    this.sign = direction === 'decrease' ? -1 : 1;
    this.harm = new DifferenceAt(this.pairs, this.sign);
    this.safe = new DifferenceAt(this.pairs, this.sign);
    const rule = this.noise.excess(margin, this.sign);
    this.excess = rule && new ExcessOverNoise(rule, margin, this.sign, harmCap(subject.template));
  }

  add(reading: Measurement): void {
    const [baseline, canary] = [levelIn(reading.baseline), levelIn(reading.canary)];
    if (!baseline || !canary) return;
    this.pairs.push({ baseline: baseline.value, canary: canary.value });
    this.levels.baseline.add(baseline.value);
    this.levels.canary.add(canary.value);
    this.difference.add(this.sign * (canary.value - baseline.value));
    this.excess?.add({ baseline: baseline.value, canary: canary.value });
    this.count('baseline', baseline);
    this.count('canary', canary);
  }

  answer({ phase, intervals }: Asked): Answer {
    const { margin, sign } = this;
    const { budget } = this.subject.template;
    const [baseline, canary] = [summaryOf(this.levels.baseline), summaryOf(this.levels.canary)];
    const safeMargin = safeMarginOf(this.subject, phase) ?? margin;
    const [ofHarm, ofSafe, plain] = [this.noiseAt(margin), this.noiseAt(safeMargin), this.noiseAt({ relative: 0, absolute: 0 })];
    const { low, high } =
      intervals === 'none' ? unbounded : gaugeDifferenceBounds(this.difference, budget.falsePromote, { history: plain.history });
    return {
      logHarm: this.eitherWay(
        evidenceOf(this.harm.beyond(margin), 'harm', { alpha: budget.falseRollback, room: this.roomForPods('harm', margin) }, ofHarm),
      ),
      logSafe: evidenceOf(
        this.safe.beyond(safeMargin),
        'safe',
        { alpha: budget.falsePromote, room: this.roomForPods('safe', safeMargin) },
        ofSafe,
      ),
      effect: { low, high, estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value) },
      effectKind: 'difference',
      margin: margin.relative * Math.abs(baseline.value ?? 0) + margin.absolute,
      baseline,
      canary,
      phi: 1,
      ...this.podsSeen(),
      windows: this.pairs.length,
      warnings: [...noiseWarnings[plain.of], ...this.podsInWords(plain)],
    };
  }

  /** The mean of two e-values is one: of a shift of the mean, and of how often the difference is unusual. */
  private eitherWay(logE: number): number {
    return this.excess === null ? logE : logSumExp([logE, this.excess.logE()]) - Math.LN2;
  }

  private count(cohort: 'baseline' | 'canary', { pods = {} }: LevelSample): void {
    const names = Object.keys(pods);
    this.perPod[cohort] += 1 / Math.max(1, names.length); // unknown pods count as one: nothing says that there are more
    this.pods[cohort].add(new Map(names.map((name) => [name, { total: 1 }])));
  }

  private noiseAt({ relative }: Margin): NoiseOfDifference {
    return this.noise.ofDifference(1 + this.sign * relative, this.shares());
  }

  private shares(): PodShares {
    const windows = Math.max(1, this.pairs.length);
    return { canary: this.perPod.canary / windows, baseline: this.perPod.baseline / windows };
  }

  /** How far pods that differ for good may carry the difference without being evidence, in units of the level. */
  private roomForPods(side: Side, { relative }: Margin): number {
    const rule = this.subject.template.cohorts.podSpread ?? 'ignore';
    const spread = this.noise.spreadOfPods();
    if (spread === null || rule === 'ignore' || (side === 'safe' && rule !== 'strict')) return 0;
    const { canary, baseline } = this.shares();
    return roomForLasting(spread, canary + (1 + this.sign * relative) ** 2 * baseline);
  }

  private podsSeen(): Pick<Answer, 'pods'> {
    const [baseline, canary] = [this.pods.baseline.count, this.pods.canary.count];
    if (baseline + canary === 0) return {};
    const room = this.roomForPods('harm', this.margin);
    const level = this.levels.baseline.mean();
    const tolerated = Math.abs((1 + this.sign * this.margin.relative) * level + this.sign * this.margin.absolute);
    if (room === 0 || level === 0 || tolerated === 0) return { pods: { baseline, canary, tau: 0, factor: 1 } };
    const tau = (this.noise.spreadOfPods()?.deviation ?? 0) / Math.abs(level);
    return { pods: { baseline, canary, tau, factor: 1 + room / tolerated } };
  }

  private podsInWords({ of }: NoiseOfDifference): string[] {
    if (of !== 'pods' || (this.subject.template.cohorts.podSpread ?? 'ignore') === 'ignore') return [];
    if (this.noise.spreadOfPods() === null) return [tooFewPods];
    const percent = Math.round(100 * (this.podsSeen().pods?.tau ?? 0));
    if (percent === 0) return [];
    const room = Number(this.roomForPods('harm', this.margin).toPrecision(3));
    return [`pods of the baseline differ by ${percent} % for good: harm must be beyond the margin by ${room} to be seen`];
  }
}

/**
 * The noise of the baseline's level is never too little, but far too much where both cohorts share their shocks: then half of the capital
 * bets on the noise that the run itself shows. The mean of two e-values is one.
 */
function evidenceOf(
  differences: RunningSeries,
  side: Side,
  asked: { readonly alpha: number; readonly room: number },
  { of, history }: NoiseOfDifference,
): number {
  const { logE } = gaugeEvidence(differences, side, { ...asked, history });
  if (of !== 'level') return logE;
  return logSumExp([logE, gaugeEvidence(differences, side, asked).logE]) - Math.LN2;
}

/** canary − ratio · baseline − offset of each window, at one margin; all are taken anew when the margin changes with the phase. */
class DifferenceAt {
  private series = new RunningSeries();
  private margin: Margin | null = null;

  constructor(
    private readonly pairs: readonly { readonly baseline: number; readonly canary: number }[],
    private readonly sign: 1 | -1,
  ) {}

  beyond(margin: Margin): RunningSeries {
    if (this.margin?.relative !== margin.relative || this.margin.absolute !== margin.absolute) {
      this.series = new RunningSeries();
      this.margin = margin;
    }
    for (let next = this.pairs[this.series.count]; next; next = this.pairs[this.series.count])
      this.series.add(this.sign * (next.canary - (1 + this.sign * margin.relative) * next.baseline) - margin.absolute);
    return this.series;
  }
}

/** Is the canary's level below a bound, whatever the baseline's is? The baseline is shown beside it. */
class AgainstLimit implements Question {
  private readonly noise: LevelNoise;
  private readonly levels = { baseline: new RunningSeries(), canary: new RunningSeries() };
  private readonly beyond = new RunningSeries();
  private readonly sign: 1 | -1;

  constructor(
    private readonly subject: Subject,
    direction: OneDirection,
    private readonly limit: number,
  ) {
    this.noise = noiseBefore(subject);
    this.sign = direction === 'decrease' ? -1 : 1;
  }

  add(reading: Measurement): void {
    const [baseline, canary] = [levelIn(reading.baseline), levelIn(reading.canary)];
    if (!canary) return;
    if (baseline) this.levels.baseline.add(baseline.value);
    this.levels.canary.add(canary.value);
    this.beyond.add(this.sign * (canary.value - this.limit));
  }

  answer({ intervals }: Asked): Answer {
    const { budget } = this.subject.template;
    const history = this.noise.ofLevel();
    const canary = summaryOf(this.levels.canary);
    const { low, high } = intervals === 'none' ? unbounded : gaugeDifferenceBounds(this.levels.canary, budget.falsePromote, { history });
    return {
      logHarm: gaugeEvidence(this.beyond, 'harm', { alpha: budget.falseRollback, history }).logE,
      logSafe: gaugeEvidence(this.beyond, 'safe', { alpha: budget.falsePromote, history }).logE,
      effect: { low, high, estimate: canary.value },
      effectKind: 'level',
      margin: this.limit,
      baseline: { count: canary.count, value: summaryOf(this.levels.baseline).value },
      canary,
      phi: 1,
      windows: canary.count,
      warnings: history === null ? [uncalibrated] : [],
    };
  }
}

function noiseBefore({ history }: Subject): LevelNoise {
  const noise = new LevelNoise();
  for (const reading of history) noise.learn(reading);
  return noise;
}

function levelIn(reading: Measurement['canary']): LevelSample | null {
  const sample = sampleOf(reading, 'level');
  return sample && Number.isFinite(sample.value) ? sample : null;
}

/** A mean for people, never for the test. */
const summaryOf = (series: RunningSeries): CohortSummary => ({ count: series.count, value: series.count > 0 ? series.mean() : null });
