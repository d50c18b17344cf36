import type { Margin, Metric, Template } from '../../domain/index.js';
import { formatDuration } from '../../templates/index.js';
import { phaseOf } from '../start-run.js';
import { type AssumedTraffic, saidOf, usualWeight } from './assumed-traffic.js';
import type { PhaseForecast, TemplateForecast } from './forecast-template.js';
import { aboutSeconds, percent, trimmed } from './in-short.js';
import { questionsOf } from './metric-questions.js';
import { type Setting, secondsToRollback, secondsToSafe } from './question-times.js';

/** What a forecast finds wrong with a template, in the words of the linter but for the place in the text. */
export interface ForecastFinding {
  readonly code: 'safe-after-deadline' | 'never-safe' | 'harm-after-deadline';
  readonly message: string;
  readonly repair: string;
  /** `spec.metrics[0].margin` */
  readonly path: string;
}

/** Verdicts that would come after the deadline: a canary without harm that is not shown safe, harm that is not found. */
export function forecastFindings(template: Template, forecast: TemplateForecast): ForecastFinding[] {
  const tooLate = forecast.phases.findIndex(
    ({ promoteSeconds }) => !(promoteSeconds !== null && promoteSeconds <= forecast.deadlineSeconds),
  );
  const late = forecast.phases[tooLate];
  return [...(late ? lateOrNever(template, forecast, late, tooLate) : []), ...harmNotFound(template, forecast)];
}

function lateOrNever(template: Template, forecast: TemplateForecast, phase: PhaseForecast, index: number): ForecastFinding[] {
  const { traffic, deadlineSeconds } = forecast;
  const beyond = phase.questions.filter(
    ({ informational, safeSeconds }) => !informational && !(safeSeconds !== null && safeSeconds <= deadlineSeconds),
  );
  const ofMargins = traffic.share === null ? index : phaseOf(template, traffic.share);
  return beyond.map(({ name, metric, safeSeconds }, rank) => {
    const path = boundPath(template, metric, ofMargins);
    if (safeSeconds === null && phase.weight >= 1 && marginOf(template, metric, ofMargins) !== null) {
      const message = `'${name}' can not be shown safe ${withTraffic(phase, traffic, metric)}: no baseline is left to compare with`;
      return { code: 'never-safe', message, repair: 'leave the baseline a share of the traffic until the canary is shown safe', path };
    }
    if (safeSeconds === null) {
      const message = `'${name}' can never be shown safe ${withTraffic(phase, traffic, metric)}: without harm it would be at its margin or limit, or beyond`;
      return { code: 'never-safe', message, repair: 'accept more harm, or correct what the forecast assumes', path };
    }
    const inPhase = template.phases.length > 1 && traffic.share === null ? `, in phase ${index + 1} of ${template.phases.length},` : '';
    const message = `to show that '${name}' is safe ${withTraffic(phase, traffic, metric)}${inPhase} takes about ${aboutSeconds(safeSeconds)}: longer than the deadline of ${formatDuration(deadlineSeconds)}`;
    const repair = rank < mostWaysOut ? waysOut(template, forecast, { metric, question: name, index: ofMargins, safeSeconds }) : 'as above';
    return { code: 'safe-after-deadline', message, repair, path };
  });
}

const withTraffic = ({ weight }: PhaseForecast, traffic: AssumedTraffic, metric: string): string =>
  `with ${percent(weight)} of ${requests(traffic, metric)}`;

/** What promote must meet in a phase; null: a limit. */
const marginOf = ({ phases, metrics }: Template, name: string, phase: number): Margin | null =>
  phases[phase]?.margins[name] ?? metrics.find((metric) => metric.name === name)?.margin ?? null;

/** Where everything is late there is one reason for it, and searching for ways out takes time. */
const mostWaysOut = 5;

interface LateQuestion {
  readonly metric: string;
  readonly question: string;
  /** of the phase whose margins count */
  readonly index: number;
  readonly safeSeconds: number;
}

/** A later deadline, a heavier canary, a wider margin: those that are enough by themselves, with the time that they would take. */
function waysOut(template: Template, { traffic, deadlineSeconds }: TemplateForecast, late: LateQuestion): string {
  const setting = settingOf(template, traffic, late);
  const weight = traffic.share ?? template.phases[late.index]?.weight ?? usualWeight;
  const margin = marginOf(template, late.metric, late.index);
  const marginAt = (share: number): Margin | null =>
    traffic.share === null ? margin : marginOf(template, late.metric, phaseOf(template, share));
  const timeOf = (share: number, tolerated: Margin | null): number =>
    (setting && secondsToSafe(setting, share, tolerated, [])) ?? Number.POSITIVE_INFINITY;
  const heavier = heavierThan(weight).find((share) => timeOf(share, marginAt(share)) <= deadlineSeconds);
  const wider = widerMargins(margin).find((tolerated) => timeOf(weight, tolerated) <= deadlineSeconds);
  const ways = [
    late.safeSeconds <= longestDeadline ? `write deadline: ${formatDuration(roundedUp(late.safeSeconds))}` : null,
    heavier ? `give the canary ${percent(heavier)} (${aboutSeconds(timeOf(heavier, marginAt(heavier)))})` : null,
    wider ? `accept ${marginText(wider)} (${aboutSeconds(timeOf(weight, wider))})` : null,
  ].filter((way) => way !== null);
  return ways.length > 0
    ? ways.join('; or ')
    : "too little traffic for this metric: count more requests, or only show it ('role: informational')";
}

function settingOf(
  template: Template,
  traffic: AssumedTraffic,
  { metric: name, question }: Pick<LateQuestion, 'metric' | 'question'>,
): Setting | null {
  const metric = template.metrics.find((each) => each.name === name);
  const asked = metric && questionsOf(metric, traffic);
  const found = typeof asked === 'object' ? asked.find((each) => each.name === question) : undefined;
  return metric && found ? { template, traffic, metric, question: found } : null;
}

const longestDeadline = 7 * 86_400;

/** Deadlines that people would write. */
function roundedUp(seconds: number): number {
  const step = seconds > 7200 ? 3600 : 300;
  return Math.ceil(seconds / step) * step;
}

function widerMargins(margin: Margin | null): Margin[] {
  if (margin === null) return [];
  const wider = [1.5, 2, 3, 5].map((factor) => ({
    relative: trimmed(margin.relative * factor),
    absolute: trimmed(margin.absolute * factor),
  }));
  return wider.filter(({ relative, absolute }) => relative <= 4 && absolute < 0.5);
}

const marginText = ({ relative, absolute }: Margin): string =>
  `margin: { relative: ${relative}${absolute > 0 ? `, absolute: ${absolute}` : ''} }`;

/** Harm in a metric counts as found when any of its questions finds it, in any phase. */
function harmNotFound(template: Template, forecast: TemplateForecast): ForecastFinding[] {
  const late = template.metrics.flatMap((metric) => {
    const soonest = soonestRollback(metric, forecast.phases);
    return soonest !== null && soonest.seconds > forecast.deadlineSeconds ? [{ metric, soonest }] : [];
  });
  return late.map(({ metric, soonest }, rank) => harmTooLate(template, forecast, { metric, soonest, isSearched: rank < mostWaysOut }));
}

interface SoonestRollback {
  readonly question: string;
  readonly weight: number;
  readonly seconds: number;
}

function soonestRollback(metric: Metric, phases: readonly PhaseForecast[]): SoonestRollback | null {
  const answers = phases.flatMap(({ weight, questions }) =>
    questions.flatMap(({ metric: name, name: question, rollbackSeconds: seconds }) =>
      name === metric.name && seconds !== null ? [{ question, weight, seconds }] : [],
    ),
  );
  return answers.toSorted((a, b) => a.seconds - b.seconds)[0] ?? null;
}

function harmTooLate(
  template: Template,
  { traffic, deadlineSeconds }: TemplateForecast,
  { metric, soonest, isSearched }: { readonly metric: Metric; readonly soonest: SoonestRollback; readonly isSearched: boolean },
): ForecastFinding {
  const share = `${percent(soonest.weight)} of ${requests(traffic, metric.name)}`;
  const message = `${harmInWords(metric, traffic)} in '${metric.name}' would be rolled back after about ${aboutSeconds(soonest.seconds)} with ${share}: after the deadline of ${formatDuration(deadlineSeconds)}`;
  const setting = isSearched ? settingOf(template, traffic, { metric: metric.name, question: soonest.question }) : null;
  const timeOf = (weight: number): number => (setting && secondsToRollback(setting, weight)) ?? Number.POSITIVE_INFINITY;
  const heavier = heavierThan(soonest.weight).find((weight) => timeOf(weight) <= deadlineSeconds);
  const repair = heavier
    ? `give the canary ${percent(heavier)} (${aboutSeconds(timeOf(heavier))})`
    : 'expect only larger harm to be found in time';
  return { code: 'harm-after-deadline', message, repair, path: boundPath(template, metric.name, -1) };
}

function harmInWords({ kind }: Metric, { harm }: AssumedTraffic): string {
  const times = harm === 2 ? 'twice' : `${trimmed(harm)} times`;
  return kind === 'percentiles' ? `${times} the usual time` : `${times} the usual events`;
}

const heavierThan = (weight: number): number[] => [0.1, 0.2, 0.5].filter((share) => share > weight);

const requests = ({ requestsByMetric, requestsPerSecond }: AssumedTraffic, metric: string): string =>
  `${trimmed(saidOf(requestsByMetric, metric) ?? requestsPerSecond)} requests/s`;

function boundPath(template: Template, name: string, phase: number): string {
  if (template.phases[phase]?.margins[name]) return `spec.phases[${phase}].margins.${name}`;
  const index = template.metrics.findIndex((metric) => metric.name === name);
  return `spec.metrics[${index}].${template.metrics[index]?.margin ? 'margin' : 'limit'}`;
}
