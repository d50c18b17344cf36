import type { Margin, Template } from '../../domain/index.js';
import { phaseOf } from '../start-run.js';
import { type AssumedTraffic, usualWeight } from './assumed-traffic.js';
import { type Question, questionsOf } from './metric-questions.js';
import { type Setting, secondsToRollback, secondsToSafe, type WeightedWindows } from './question-times.js';

/** How long one question takes in one phase: medians, in seconds since the start of the run. */
export interface QuestionForecast {
  readonly name: string;
  /** name of the metric that asks it */
  readonly metric: string;
  readonly informational: boolean;
  /** until a canary without harm is shown safe; null: never */
  readonly safeSeconds: number | null;
  /** until the assumed harm is rolled back, if the whole run had this weight; null: never, or it is not for this metric to decide */
  readonly rollbackSeconds: number | null;
}

export interface PhaseForecast {
  /** share of the canary, in (0, 1] */
  readonly weight: number;
  readonly questions: readonly QuestionForecast[];
  /** until a canary without harm has passed this phase and those before it; null: never */
  readonly promoteSeconds: number | null;
}

export interface TemplateForecast {
  readonly traffic: AssumedTraffic;
  readonly deadlineSeconds: number;
  readonly phases: readonly PhaseForecast[];
  /** metrics without a forecast, and why */
  readonly without: readonly { readonly metric: string; readonly because: string }[];
}

/**
 * How long verdicts would take under assumed traffic, before there is any data: for each phase, the time to promote a canary
 * without harm and the time to roll back one that does the assumed harm.
 *
 * Medians, from the growth of the judge's own bets. A run that has to learn its dispersion or percentiles first takes longer.
 * A phase that is never passed ends the list.
 */
export function forecastTemplate(template: Template, traffic: AssumedTraffic): TemplateForecast {
  const asked = template.metrics.map((metric) => ({
    metric,
    questions: becauseOf(template) ?? questionsOf(metric, traffic),
  }));
  const settings = asked.flatMap(({ metric, questions }) =>
    typeof questions === 'string' ? [] : questions.map((question: Question): Setting => ({ template, traffic, metric, question })),
  );
  const answered = settings.slice(0, Math.max(1, Math.floor(mostAnswers / phasesOf(template, traffic).length)));
  const without = asked.flatMap(({ metric, questions }) => {
    if (typeof questions === 'string') return [{ metric: metric.name, because: questions }];
    return answered.some((setting) => setting.metric === metric)
      ? []
      : [{ metric: metric.name, because: 'there are too many questions before it' }];
  });
  return {
    traffic,
    deadlineSeconds: template.schedule.deadlineSeconds,
    phases: answered.length > 0 ? phasesInOrder(template, traffic, answered) : [],
    without,
  };
}

/** Questions times phases that are answered, so that no template keeps a server busy. */
const mostAnswers = 120;

/** Why no metric of this template has a forecast; null: they may have. */
function becauseOf({ cohorts, judge }: Template): string | null {
  if (judge) return `its judge (${judge.kind}) decides once, at the deadline`;
  return cohorts.baseline ? 'against earlier days it depends on how unlike they are' : null;
}

interface AskedPhase {
  readonly weight: number;
  readonly margins: Readonly<Record<string, Margin>>;
}

/** One share all the time has the margins of its phase, as a run with this weight has. */
function phasesOf(template: Template, { share }: AssumedTraffic): readonly AskedPhase[] {
  const { phases } = template;
  if (share !== null) return [{ weight: share, margins: phases[phaseOf(template, share)]?.margins ?? {} }];
  return phases.length > 0 ? phases : [{ weight: usualWeight, margins: {} }];
}

function phasesInOrder(template: Template, traffic: AssumedTraffic, settings: readonly Setting[]): PhaseForecast[] {
  const { warmupSeconds, windowSeconds } = template.schedule;
  const passed: WeightedWindows[] = [];
  const forecasts: PhaseForecast[] = [];
  let windowsSoFar = 0;
  for (const phase of phasesOf(template, traffic)) {
    const forecast = forecastPhase(template, phase, settings, passed);
    forecasts.push(forecast);
    if (forecast.promoteSeconds === null) break;
    const windows = Math.max(1, Math.ceil((forecast.promoteSeconds - warmupSeconds) / windowSeconds) - windowsSoFar);
    windowsSoFar += windows;
    passed.push({ weight: phase.weight, windows });
  }
  return forecasts;
}

function forecastPhase(
  { schedule }: Template,
  { weight, margins }: AskedPhase,
  settings: readonly Setting[],
  passed: readonly WeightedWindows[],
): PhaseForecast {
  const questions = settings.map((setting): QuestionForecast => {
    const { metric, question } = setting;
    return {
      name: question.name,
      metric: metric.name,
      informational: metric.role === 'informational',
      safeSeconds: secondsToSafe(setting, weight, margins[metric.name] ?? metric.margin, passed),
      rollbackSeconds: secondsToRollback(setting, weight),
    };
  });
  const gating = questions.filter(({ informational }) => !informational).map(({ safeSeconds }) => safeSeconds ?? Infinity);
  const slowest = Math.max(schedule.minDurationSeconds, ...gating);
  return { weight, questions, promoteSeconds: gating.length > 0 && slowest < Infinity ? slowest : null };
}
