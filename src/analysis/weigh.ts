import type { Assessment, Evidence, MeasuredWindow, Measurement, Metric, MissingData, Template } from '../domain/index.js';
import { type Handicap, handicapOf, handicapped } from './handicap.js';
import { ReferencesSeen } from './level-shift.js';
import { MissingDataWatch } from './missing-data.js';
import { weighAgainstControl } from './weigh-against-control.js';
import { weighGauge } from './weigh-gauge.js';
import { weighMean } from './weigh-mean.js';
import { weighPercentiles } from './weigh-percentiles.js';
import { weighProportion } from './weigh-proportion.js';
import { weighRate } from './weigh-rate.js';
import type { Asked, Finding, Subject, Weigher } from './weighing.js';

/** One metric over all windows of a run, window by window. */
export class WeighedMetric {
  private readonly weigher: Weigher;
  private readonly silence: MissingDataWatch;
  private readonly references: ReferencesSeen;
  /** what findings may not count, by phase */
  private handicaps: readonly (readonly Handicap[])[] = [];

  constructor(private readonly subject: Subject) {
    this.weigher = weigherOf(subject);
    this.silence = new MissingDataWatch(subject);
    this.references = new ReferencesSeen(subject);
    for (const reading of subject.history) this.references.learn(reading);
  }

  add(window: MeasuredWindow, reading: Measurement): void {
    this.silence.add(window, reading);
    this.references.learn(reading);
    this.weigher.add(reading);
  }

  /** One piece, or one for each percentile and direction. */
  evidence(asked: Asked): Evidence[] {
    const missing = this.silence.missing() ?? this.references.missing();
    const warnings = this.silence.warnings();
    const findings = this.weigher.findings(asked);
    if (findings.length === 0) return [unweighable(this.subject, missing, warnings)];
    const handicaps = this.handicaps[asked.phase] ?? [];
    return findings.map((finding, index) => evidenceOf(this.subject, handicapped(finding, handicaps[index]), missing, warnings));
  }

  /**
   * From here on, evidence grows as this weigher knows, but from no more than what another one had said so far: looks that were
   * taken by what that one knew have used up their chances, and must not be taken again.
   */
  goOnFrom(other: WeighedMetric): void {
    const { phases } = this.subject.template;
    this.handicaps = Array.from({ length: Math.max(1, phases.length) }, (_, phase) => {
      const theirs = other.weigher.findings({ phase, intervals: 'none' });
      return this.weigher.findings({ phase, intervals: 'none' }).map((mine, index) => handicapOf(mine, theirs[index]));
    });
  }
}

function weigherOf(subject: Subject): Weigher {
  const { metric, template } = subject;
  if (template.cohorts.baseline?.control && metric.margin !== null && metric.kind !== 'percentiles')
    return weighAgainstControl(subject, metric.margin);
  switch (metric.kind) {
    case 'proportion':
      return weighProportion(subject);
    case 'percentiles':
      return weighPercentiles(subject, metric);
    case 'rate':
      return weighRate(subject);
    case 'mean':
      return weighMean(subject);
    case 'gauge':
      return weighGauge(subject);
  }
}

function evidenceOf({ template, metric }: Subject, finding: Finding, missing: MissingData | null, warnings: readonly string[]): Evidence {
  const { share, healthyGrowth: _, ...rest } = finding;
  const enoughSamples = hasEnough(finding, metric.slice?.min ?? template.schedule.minSamples, metric);
  return {
    ...rest,
    metric: metric.name,
    role: metric.role,
    weight: metric.weight * share,
    unit: metric.unit,
    assessment: assess(finding, template),
    enoughSamples,
    neededObservations: neededObservations(finding, template),
    missing: missing ?? finding.missing ?? (metric.slice && !enoughSamples ? tooSmall : null),
    warnings: [...finding.warnings, ...warnings],
  };
}

const hasEnough = ({ baseline, canary }: Finding, least: number, { kind, margin }: Metric): boolean =>
  kind === 'gauge' || (canary.count >= least && (margin === null || baseline.count >= least));

/** A slice of which little was seen stands against nothing: the whole metric is judged anyway. */
const tooSmall: MissingData = { cause: 'zero', policy: 'ignore', detail: 'too few observations of this slice: it is left out' };

/** Harm beyond the margin comes first: where both are proven (harm between two margins) rollback wins. */
function assess({ logHarm, logSafe }: Finding, { budget }: Template): Assessment {
  if (logHarm >= Math.log(1 / budget.falseRollback)) return 'harmful';
  return logSafe >= Math.log(1 / budget.falsePromote) ? 'safe' : 'undecided';
}

/** Evidence that the mixture over the grid has to earn before it shows (statistics §A.4, forecast). */
const mixtureCost = 1.4;

/**
 * Canary observations until safe, if the canary is as good as the baseline; where that cannot be said, if evidence goes on growing
 * as it did. Null while it does not grow, or the canary looks worse than its margin.
 */
function neededObservations({ logSafe, canary, phi, effect, margin, healthyGrowth }: Finding, { budget }: Template): number | null {
  const target = Math.log(1 / budget.falsePromote);
  if (logSafe >= target) return 0;
  if (healthyGrowth !== undefined) {
    const looksHarmful = effect.estimate !== null && effect.estimate > margin;
    if (healthyGrowth === null || looksHarmful) return null;
    return roundedUp(((target + mixtureCost) * phi * (target - logSafe)) / target / healthyGrowth);
  }
  if (!(logSafe > 0) || canary.count === 0) return null;
  const perObservation = (logSafe + mixtureCost) / canary.count;
  return roundedUp((target - logSafe) / perObservation);
}

/** Two digits are all a forecast can promise. */
function roundedUp(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.ceil(count / unit) * unit;
}

/** A question that has no test never counts as safe: the run holds and says why. */
function unweighable({ metric, template }: Subject, missing: MissingData | null, warnings: readonly string[]): Evidence {
  const nothing = { count: 0, value: null };
  return {
    name: metric.name,
    metric: metric.name,
    role: metric.role,
    weight: metric.weight,
    direction: metric.harm,
    unit: metric.unit,
    assessment: 'undecided',
    logHarm: 0,
    logSafe: 0,
    effect: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, estimate: null },
    effectKind: metric.margin === null ? 'level' : 'difference',
    margin: metric.limit ?? metric.margin?.absolute ?? 0,
    baseline: nothing,
    canary: nothing,
    enoughSamples: template.schedule.minSamples === 0,
    phi: 1,
    windows: 0,
    neededObservations: null,
    missing,
    warnings: [`a ${metric.kind} cannot be judged against a limit: give it a margin`, ...warnings],
  };
}
