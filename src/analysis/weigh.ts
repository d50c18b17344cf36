import type { Assessment, Evidence, Gap, Measurement, MissingData, Template } from '../domain/index.js';
import { missingReferences } from './level-shift.js';
import { missingDataOf } from './missing-data.js';
import { weighGauge } from './weigh-gauge.js';
import { weighMean } from './weigh-mean.js';
import { weighPercentiles } from './weigh-percentiles.js';
import { weighProportion } from './weigh-proportion.js';
import { weighRate } from './weigh-rate.js';
import type { Finding, Weighing } from './weighing.js';

/** One metric over all windows of a run, as evidence: one piece, or one for each percentile and direction. */
export function weigh(weighing: Weighing): Evidence[] {
  const missing = missingDataOf(weighing) ?? missingReferences(weighing);
  const warnings = newestWarnings(weighing.readings);
  const findings = findingsOf(weighing);
  if (findings.length === 0) return [unweighable(weighing, missing, warnings)];
  return findings.map((finding) => evidenceOf(weighing, finding, missing, warnings));
}

function findingsOf(weighing: Weighing): Finding[] {
  const { metric } = weighing;
  switch (metric.kind) {
    case 'proportion':
      return weighProportion(weighing);
    case 'percentiles':
      return weighPercentiles(weighing, metric);
    case 'rate':
      return weighRate(weighing);
    case 'mean':
      return weighMean(weighing);
    case 'gauge':
      return weighGauge(weighing);
  }
}

function evidenceOf({ template, metric }: Weighing, finding: Finding, missing: MissingData | null, warnings: readonly string[]): Evidence {
  const { share, ...rest } = finding;
  const { minSamples } = template.schedule;
  return {
    ...rest,
    metric: metric.name,
    role: metric.role,
    weight: metric.weight * share,
    unit: metric.unit,
    assessment: assess(finding, template),
    enoughSamples:
      metric.kind === 'gauge' || (finding.canary.count >= minSamples && (metric.margin === null || finding.baseline.count >= minSamples)),
    neededObservations: neededObservations(finding, template),
    missing,
    warnings: [...finding.warnings, ...warnings],
  };
}

/** Harm beyond the margin comes first: where both are proven (harm between two margins) rollback wins. */
function assess({ logHarm, logSafe }: Finding, { budget }: Template): Assessment {
  if (logHarm >= Math.log(1 / budget.falseRollback)) return 'harmful';
  return logSafe >= Math.log(1 / budget.falsePromote) ? 'safe' : 'undecided';
}

/** Evidence that the mixture over the grid has to earn before it shows (statistics §A.4, forecast). */
const mixtureCost = 1.4;

/** Canary observations until safe, if evidence goes on growing as it did; null while it does not grow. */
function neededObservations({ logSafe, canary }: Finding, { budget }: Template): number | null {
  const target = Math.log(1 / budget.falsePromote);
  if (logSafe >= target) return 0;
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
function unweighable({ metric, template }: Weighing, missing: MissingData | null, warnings: readonly string[]): Evidence {
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

/** What the newest reading said of itself, and why it has a gap. */
function newestWarnings(readings: readonly Measurement[]): string[] {
  const newest = readings.at(-1);
  if (!newest) return [];
  const gaps = [newest.baseline, newest.canary].filter((sample): sample is Gap => sample.kind === 'gap');
  return [...new Set([...newest.warnings, ...gaps.map(({ detail }) => detail)])];
}
