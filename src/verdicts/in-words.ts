import type { CohortSummary, Decision, EarlierBaseline, Evidence, GuardFinding, ReasonCode, Template } from '../domain/index.js';
import { canaryPods } from './canary-pods.js';
import { beforeHorizonInWords, isShown, kayentaInWords, kayentaMetricInWords, notShownInWords, testInWords } from './once-in-words.js';
import { asMeasured, difference, grouped, type Interval, inSeconds, quantity, roughly, trimmed } from './quantity.js';
import { pooledLogHarm } from './verdict-of.js';
import { deadlineMarginOf } from './within-deadline-margin.js';

interface Situation {
  readonly template: Template;
  readonly phase: number;
  readonly elapsedSeconds: number;
  /** the metrics that gate */
  readonly evidence: readonly Evidence[];
  readonly etaSeconds: number | null;
  /** alarms, and what is suspected */
  readonly guards: readonly GuardFinding[];
  /** absent before anything is judged */
  readonly score?: number;
  /** what the deadline came to; absent: it promotes nothing */
  readonly decision?: Decision;
  /** what stood against promote where the run ended; absent or null: metrics that are not safe */
  readonly heldBy?: ReasonCode | null;
}

/** One sentence that can be read aloud to the engineer on call: which metric, by how much, on how many observations. */
export function reasonInWords(code: ReasonCode, situation: Situation): string {
  const { baseline } = situation.template.cohorts;
  const compared = !notOfTheMetrics.has(code) && baseline !== undefined;
  return codeInWords(code, situation) + (compared ? `; ${withoutBaselineInWords(baseline)}` : '');
}

const withoutBaselineInWords = ({ control }: EarlierBaseline): string =>
  control
    ? 'compared with history less the change of a control: the claim holds only under parallel trends'
    : 'compared with history: a simultaneous external change cannot be excluded';

/** Reasons that no comparison is behind. */
const notOfTheMetrics: ReadonlySet<ReasonCode> = new Set(['warmup', 'no-data', 'source-unavailable', 'cancelled', 'overridden']);

function codeInWords(code: ReasonCode, situation: Situation): string {
  const { template, evidence, elapsedSeconds } = situation;
  const { schedule } = template;
  switch (code) {
    case 'warmup':
      return `warming up: the first ${inSeconds(schedule.warmupSeconds)} of a run are not judged`;
    case 'harm-evidence':
      return harmInWords(evidence);
    case 'all-safe':
      return `${allOf(evidence)} within ${evidence.length === 1 ? 'its margin' : 'their margins'} after ${inSeconds(elapsedSeconds)}: ${evidence.map(metricInWords).join('; ')}`;
    case 'phase-safe':
      return `${allOf(evidence)} safe in phase ${situation.phase + 1} of ${template.phases.length}: the next weight may begin`;
    case 'baking':
      return `${allOf(evidence)} within ${evidence.length === 1 ? 'its margin' : 'their margins'}; baking: watched for another ${inSeconds(situation.etaSeconds ?? 0)} of ${inSeconds(schedule.bakeSeconds)}, and harm still rolls back`;
    case 'min-duration':
      return `${standingInWords(evidence)}; watched for ${inSeconds(elapsedSeconds)} of at least ${inSeconds(schedule.minDurationSeconds)}`;
    case 'min-samples':
      return fewSamplesInWords(situation);
    case 'insufficient-evidence':
      return openInWords(situation);
    case 'no-data':
    case 'source-unavailable':
      return missingInWords(evidence);
    case 'sample-ratio-mismatch':
    case 'traffic-mix':
      return incomparableInWords(situation);
    case 'observational':
      return `${allOf(evidence)} within ${evidence.length === 1 ? 'its margin' : 'their margins'}; a person decides`;
    case 'before-horizon':
      return beforeHorizonInWords(situation);
    case 'kayenta-pass':
    case 'kayenta-marginal':
    case 'kayenta-fail':
      return kayentaInWords(situation);
    case 'harm-suspected':
      return `every metric is safe over the whole run, but there is fresh evidence of harm: ${harmInWords(evidence)}`;
    case 'deadline':
      return `deadline of ${inSeconds(schedule.deadlineSeconds)} reached: ${boundedInWords(situation)}${openOrMissingInWords(situation)}${earlyPhaseInWords(situation)}`;
    case 'end-of-data':
      return `no more data to judge after ${inSeconds(elapsedSeconds)}: ${openOrMissingInWords(situation)}${earlyPhaseInWords(situation)}`;
    case 'cancelled':
      return 'cancelled';
    case 'overridden':
      return 'decided by a person';
  }
}

/** `error-rate: canary 1.9 % against 0.4 %, difference between 0.9 and 2.1 pp, margin 0.5 pp, 5 120 canary and 48 211 baseline observations` */
export function metricInWords(metric: Evidence): string {
  const { name, unit, baseline, canary, effectKind } = metric;
  if (isUnseen(canary) && isUnseen(baseline)) return nothingInWords(metric);
  if (metric.once && !isShown(metric)) return notShownInWords(metric);
  if (metric.once?.judge === 'kayenta') return kayentaMetricInWords(metric, metric.once);
  const values =
    effectKind === 'level'
      ? `canary ${quantity(canary.value, unit)}`
      : `canary ${quantity(canary.value, unit)} against ${quantity(baseline.value, unit)}`;
  const observations =
    effectKind === 'level'
      ? `${grouped(canary.count)} canary observations`
      : `${grouped(canary.count)} canary and ${grouped(baseline.count)} baseline observations`;
  const test = metric.once ? `, ${testInWords(metric.once)}` : '';
  return `${name}: ${values}, ${effectInWords(metric)}, ${boundInWords(metric)}, ${observations}${test}`;
}

/** A rate of which nothing happened is 0 of something, which is not nothing. */
const isUnseen = ({ count, value }: CohortSummary): boolean => count === 0 && value === null;

/** Both counts are 0 as soon as one side is silent, as only windows with both are compared: the warnings know which side it is. */
const nothingInWords = ({ name, warnings }: Evidence): string =>
  warnings.length === 0 ? `${name}: nothing was observed` : `${name}: nothing to judge: ${warnings.join(', ')}`;

function effectInWords(metric: Evidence): string {
  const { effectKind: kind, unit } = metric;
  const { low, high } = withoutTrivial(asMeasured(metric), metric);
  const what = kind === 'level' ? 'true value' : kind === 'ratio' ? 'change' : 'difference';
  const write = (value: number): string => writeEffect(value, kind, unit);
  if (!Number.isFinite(low) && !Number.isFinite(high)) return `${what} not bounded yet`;
  if (!Number.isFinite(high)) return `${what} at least ${write(low)}`;
  if (!Number.isFinite(low)) return `${what} at most ${write(high)}`;
  return `${what} between ${write(low)} and ${write(high)}`;
}

/** Nothing falls by more than all of it, and shares lie between 0 and 1: such a bound says nothing. */
const withoutTrivial = ({ low, high }: Interval, { effectKind, unit }: Evidence): Interval => ({
  low: effectKind !== 'level' && low <= -1 && (effectKind === 'ratio' || unit === 'ratio') ? Number.NEGATIVE_INFINITY : low,
  high: effectKind === 'difference' && unit === 'ratio' && high >= 1 ? Number.POSITIVE_INFINITY : high,
});

const boundInWords = ({ effectKind: kind, margin, unit, direction }: Evidence): string =>
  kind === 'level' ? `limit ${quantity(margin, unit)}` : `margin ${writeEffect(direction === 'decrease' ? -margin : margin, kind, unit)}`;

function writeEffect(value: number, kind: Evidence['effectKind'], unit: string): string {
  if (kind === 'ratio') return `${trimmed(100 * value)} %`;
  return kind === 'difference' ? difference(value, unit) : quantity(value, unit);
}

/** The metrics whose harm is proven, worst first; where only their sum proves it, the one that says most. */
function harmInWords(evidence: readonly Evidence[]): string {
  const worstFirst = [...evidence].sort((a, b) => b.logHarm - a.logHarm);
  const harmful = worstFirst.filter(({ assessment }) => assessment === 'harmful');
  return (harmful.length > 0 ? harmful : worstFirst.slice(0, 1)).map(metricInWords).join('; ');
}

/** What is still open: a metric that looks harmful comes first, else the one that needs longest. */
function openInWords({ template, evidence, etaSeconds }: Situation): string {
  const open = evidence.filter(({ assessment }) => assessment !== 'safe');
  const [suspect] = open.filter(({ logHarm }) => logHarm >= worthMentioning).sort((a, b) => b.logHarm - a.logHarm);
  if (suspect)
    return `${standingInWords(evidence)}; harm suspected, not proven (evidence ${evidenceOf(evidence)} of ${grouped(Math.round(1 / template.budget.falseRollback))}): ${metricInWords(suspect)}`;
  const [slowest] = [...open].sort((a, b) => needOf(b) - needOf(a));
  if (!slowest) return standingInWords(evidence);
  const needs =
    slowest.neededObservations === null || etaSeconds === null
      ? metricInWords(slowest)
      : `${slowest.name} needs about ${grouped(slowest.neededObservations)} more canary observations, ${roughly(etaSeconds)} at this rate`;
  return `${standingInWords(evidence)}; ${needs}`;
}

/** The evidence that rollback goes by: of all metrics together, as each look may find something in one of them. */
const evidenceOf = (evidence: readonly Evidence[]): string => trimmed(Number(Math.exp(pooledLogHarm(evidence)).toPrecision(2)));

/** ln 3: an e-value for harm that a healthy release reaches at most one time in three. */
const worthMentioning = Math.log(3);

const needOf = ({ neededObservations }: Evidence): number => neededObservations ?? Number.POSITIVE_INFINITY;

/** How far the run is; what was never seen comes first, as no other number then means anything. */
function standingInWords(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return 'no metric that decides could be read';
  const unseen = (['baseline', 'canary'] as const).filter((cohort) =>
    evidence.every((metric) => isUnseen(metric[cohort]) && isCompared(metric, cohort)),
  );
  if (unseen.length > 0) return `no ${unseen.join(' and no ')} data yet; check that it arrives and that the template's matchers select it`;
  return `${evidence.filter(({ assessment }) => assessment === 'safe').length} of ${evidence.length} metrics are safe`;
}

/** Against a limit only the canary is asked. */
const isCompared = ({ effectKind }: Evidence, cohort: 'baseline' | 'canary'): boolean => cohort === 'canary' || effectKind !== 'level';

function incomparableInWords({ guards }: Situation): string {
  const alarms = guards.filter(({ alarm }) => alarm);
  if (alarms.length > 0) return `the cohorts cannot be compared: ${alarms.map(({ detail }) => detail).join('; ')}`;
  return `whether the cohorts can be compared is in doubt (suspected, not proven): ${guards.map(({ detail }) => detail).join('; ')}`;
}

/** Why a run that ended did not promote: the reason that an earlier look would have given. */
function openOrMissingInWords(situation: Situation): string {
  const { guards, evidence, template, elapsedSeconds, heldBy } = situation;
  if (guards.some(({ alarm }) => alarm)) return incomparableInWords(situation);
  if (evidence.some(({ missing }) => missing)) return missingInWords(evidence);
  if (heldBy === 'all-safe' && template.schedule.bakeSeconds > 0 && situation.phase >= template.phases.length - 1)
    return `${allOf(evidence)} safe, but the bake of ${inSeconds(template.schedule.bakeSeconds)} was not over`;
  if (heldBy && heldBy !== 'all-safe' && heldBy !== 'min-duration') return codeInWords(heldBy, situation);
  const early =
    heldBy === 'min-duration'
      ? `; watched for ${inSeconds(elapsedSeconds)} of at least ${inSeconds(template.schedule.minDurationSeconds)}`
      : '';
  const doubt = guards.length > 0 ? `; ${incomparableInWords(situation)}` : '';
  return `${openInWords({ ...situation, etaSeconds: null })}${early}${doubt}`;
}

/** A promote at the deadline says first that it promises less. */
const boundedInWords = ({ decision, template }: Situation): string =>
  decision === 'promote'
    ? `within ${trimmed(deadlineMarginOf(template.schedule))} times the margins, which the template takes as enough; `
    : '';

/** Safe in an early phase is safe by looser margins: a reader must not take it for more. */
const earlyPhaseInWords = ({ template, phase }: Situation): string =>
  phase < template.phases.length - 1 ? `, in phase ${phase + 1} of ${template.phases.length}` : '';

function missingInWords(evidence: readonly Evidence[]): string {
  const missing = evidence.flatMap(({ name, missing }) => (missing ? [{ name, ...missing }] : []));
  if (missing.length === 0) return 'no metric that decides could be read';
  const details = new Map<string, string[]>();
  for (const { name, detail } of missing) details.set(detail, [...(details.get(detail) ?? []), name]);
  return [...details].map(([detail, names]) => `${names.join(', ')}: ${detail}`).join('; ');
}

function fewSamplesInWords({ template, evidence }: Situation): string {
  const few = evidence.filter(({ enoughSamples }) => !enoughSamples);
  if (few.length === 0) {
    const served = canaryPods(evidence);
    const seen =
      served === 0 ? 'no pod of the canary can be told apart' : `${served} ${served === 1 ? 'pod' : 'pods'} of the canary served`;
    return `${allOf(evidence)} safe, but ${seen}; at least ${template.cohorts.minCanaryPods ?? 1} are needed to promote`;
  }
  const counts = few.map(
    ({ name, canary, baseline }) => `${name} has ${grouped(canary.count)} canary and ${grouped(baseline.count)} baseline observations`,
  );
  return `${counts.join('; ')}; at least ${grouped(template.schedule.minSamples)} in each cohort are needed to promote`;
}

const allOf = (evidence: readonly Evidence[]): string =>
  evidence.length === 1 ? 'the one gating metric is' : `all ${evidence.length} gating metrics are`;
