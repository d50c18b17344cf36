import type { Margin, Metric, Template } from '../../domain/index.js';
import { type BetGrowth, type ForecastStretch, restartSchedule, windowsToEvidence } from '../../statistics/index.js';
import { harmCap } from '../weighing.js';
import { type AssumedTraffic, saidOf } from './assumed-traffic.js';
import type { Question } from './metric-questions.js';

/** A question in a run of assumed traffic. */
export interface Setting {
  readonly template: Template;
  readonly traffic: AssumedTraffic;
  readonly metric: Metric;
  readonly question: Question;
}

/** Windows under one declared weight of the canary, in (0, 1]. */
export interface WeightedWindows {
  readonly weight: number;
  readonly windows: number;
}

/**
 * Median seconds from the start of a run until a canary without harm is shown safe within a margin; null: never.
 *
 * @param passed  what the run has behind it: its evidence counts
 */
export function secondsToSafe(setting: Setting, weight: number, margin: Margin | null, passed: readonly WeightedWindows[]): number | null {
  const { template, traffic, question } = setting;
  const growth = (kappa: number): BetGrowth => question.growth(kappa, 'safe', false, margin);
  const gathered = passed.reduce((sum, { windows }) => sum + windows, 0);
  const compared = isCompared(setting, weight);
  const judged = compared ? [...passed, { weight, windows: Infinity }] : passed.map(endless);
  const stretches = judged.map((windows) => stretchOf(setting, windows, growth));
  const proven = windowsToEvidence(stretches, { logE: -Math.log(template.budget.falsePromote), phi: traffic.phi });
  if (!compared && proven > gathered) return null;
  return secondsAfter(template, Math.max(proven, gathered + 1, passed.length > 0 ? 0 : windowsOfSamples(setting, weight)));
}

/**
 * Median seconds from the start of a run until the assumed harm is rolled back, if the canary had this weight all the time, did
 * harm in this question alone, and the others said nothing; null: never.
 */
export function secondsToRollback(setting: Setting, weight: number): number | null {
  const { template, traffic, metric, question } = setting;
  const gating = template.metrics.filter(({ role }) => role !== 'informational');
  if (!gating.includes(metric)) return null;
  if (!isCompared(setting, weight)) return null;
  const share = (metric.weight * question.share) / gating.reduce((sum, each) => sum + each.weight, 0);
  const growth = (kappa: number): BetGrowth => question.growth(kappa, 'harm', true, metric.margin);
  const logE = -Math.log(template.budget.falseRollback * share * capitalAtStart(template));
  const stretch = stretchOf(setting, { weight, windows: Infinity }, growth);
  return secondsAfter(template, windowsToEvidence([stretch], { logE, phi: traffic.phi, cap: harmCap(template) }));
}

/** Bets start afresh every 40 windows: those from the start of the run have this much of the capital. */
function capitalAtStart({ schedule }: Template): number {
  const planned = Math.ceil((schedule.deadlineSeconds + schedule.bakeSeconds - schedule.warmupSeconds) / schedule.windowSeconds);
  return restartSchedule(Math.max(1, planned))[0]?.weight ?? 1;
}

/** A canary that has all the traffic is compared with nothing; a limit needs no baseline. */
const isCompared = ({ metric }: Setting, weight: number): boolean => metric.margin === null || weight < 1;

/** The last part of what has passed, as if it went on: whether it had been enough. */
const endless = (part: WeightedWindows, index: number, parts: readonly WeightedWindows[]): WeightedWindows =>
  index === parts.length - 1 ? { ...part, windows: Infinity } : part;

function stretchOf(setting: Setting, { weight, windows }: WeightedWindows, growth: (kappa: number) => BetGrowth): ForecastStretch {
  return { windows, observations: requestsPerWindow(setting) * weight, growth: growth(weight / Math.max(1e-9, 1 - weight)) };
}

const requestsPerWindow = ({ template, traffic, metric }: Setting): number =>
  (saidOf(traffic.requestsByMetric, metric.name) ?? traffic.requestsPerSecond) * template.schedule.windowSeconds;

function windowsOfSamples(setting: Setting, weight: number): number {
  const { metric, template } = setting;
  const lighter = metric.margin === null || weight === 1 ? weight : Math.min(weight, 1 - weight);
  return template.schedule.minSamples / (requestsPerWindow(setting) * lighter);
}

const secondsAfter = ({ schedule }: Template, windows: number): number | null =>
  windows < Infinity ? schedule.warmupSeconds + Math.ceil(windows - 1e-9) * schedule.windowSeconds : null;
