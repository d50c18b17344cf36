import { createHash } from 'node:crypto';
import type { GaugeMetric, JudgeRule, Template } from '../../../domain/index.js';
import {
  type CanaryConfig,
  type CanaryMetric,
  isMasked,
  type JudgeName,
  judgeNamed,
  judgeNames,
  type QueryTemplate,
  translateQuery,
} from '../../../templates/index.js';
import type { ExecutionRequest, Stretch } from './execution-request.js';
import { cohortLabel, queryOfBoth, translateMetric } from './translate-metric.js';

export interface TranslatedConfig {
  readonly template: Template;
  readonly judge: JudgeName;
}

const defaultDeadlineMinutes = 60;

/**
 * The template that asks what a canary config asks, for these scopes.
 *
 * @param problems  what cannot be said in a template is added here; then the template must not be used
 */
export function translateConfig(config: CanaryConfig, request: ExecutionRequest, stretch: Stretch, problems: string[]): TranslatedConfig {
  const judge = checkJudge(config, problems);
  const metrics = config.metrics.flatMap((metric) => {
    const query = checkMetric(config, metric, judge, problems);
    const pair = request.scopes[metric.scopeName];
    return query && pair ? filledMetric(metric, query, { pair, judge, problems }) : [];
  });
  return { judge, template: templateOf(config, metrics, judge, request, stretch) };
}

/** Everything about a config that no scope could mend. */
export function problemsOf(config: CanaryConfig): string[] {
  const problems: string[] = [];
  const judge = checkJudge(config, problems);
  for (const metric of config.metrics) checkMetric(config, metric, judge, problems);
  return problems;
}

/** What the translated config means otherwise than in Kayenta, for people. */
export function changesOf(config: CanaryConfig): string[] {
  const judge = judgeNamed(config.judgeName) ?? 'kayenta';
  const ungrouped = config.metrics.filter(({ muted, groups }) => !muted && groups.length === 0).map(({ name }) => name);
  const quiet = config.metrics.filter((metric) => !metric.muted && policyIsHold(metric, judge)).map(({ name }) => name);
  return [
    'each step is one window; windows begin on whole steps since 1970, so that up to one step at the start of a stretch is not judged',
    'where a query gives several series for one side their mean is compared; Kayenta compares series with equal tags pairwise',
    ...(quiet.length > 0 ? [`no data on ${quiet.join(', ')} holds; Kayenta fails the metric, or the whole canary`] : []),
    ...(judge === 'kayenta' && ungrouped.length > 0
      ? [`${ungrouped.join(', ')} is in no group and counts for nothing, as in Kayenta`]
      : []),
    ...(judge === 'evidence'
      ? ['allowedIncrease and allowedDecrease are the margins; groups, weights, outliers and nanStrategy are not used']
      : ["Kayenta's judge is not valid under peeking: each execution is one more chance for a false alarm"]),
  ];
}

const policyIsHold = ({ critical, mustHaveData }: CanaryMetric, judge: JudgeName): boolean =>
  judge === 'evidence' || critical || mustHaveData;

function checkJudge({ judgeName, metrics, maxDurationMinutes }: CanaryConfig, problems: string[]): JudgeName {
  const judge = judgeNamed(judgeName);
  if (judge === null) problems.push(`there is no judge '${judgeName.slice(0, 80)}'; there are: ${Object.values(judgeNames).join(', ')}`);
  if (metrics.every(({ muted }) => muted)) problems.push('every metric is muted: nothing would decide');
  if (maxDurationMinutes !== null && !(maxDurationMinutes >= 1 && maxDurationMinutes <= 10_080))
    problems.push('judge.judgeConfigurations.maxDurationMinutes must be between 1 and 10080');
  return judge ?? 'kayenta';
}

function checkMetric(config: CanaryConfig, metric: CanaryMetric, judge: JudgeName, problems: string[]): QueryTemplate | null {
  const query = translateQuery(config, metric);
  if ('problem' in query) problems.push(query.problem);
  else if (isMasked(query.value) && isMaskedAlone(config, metric))
    problems.push(
      `metric '${metric.name}': 'or vector(…)' turns missing data into a number, and it is critical or no other metric asks honestly: a canary that measures nothing would pass; write 'or 0 * sum(rate(requests))'`,
    );
  const translated = translateMetric(metric, '', judge);
  if ('problem' in translated) problems.push(translated.problem);
  return 'value' in query ? query.value : null;
}

/** What decides about a canary that measures nothing. */
function isMaskedAlone(config: CanaryConfig, { muted, critical }: CanaryMetric): boolean {
  const deciding = config.metrics.filter((metric) => !metric.muted);
  const isHonest = (metric: CanaryMetric): boolean => {
    const query = translateQuery(config, metric);
    return 'value' in query && !isMasked(query.value);
  };
  return !muted && (critical || !deciding.some(isHonest));
}

interface Filling {
  readonly pair: Parameters<typeof queryOfBoth>[1];
  readonly judge: JudgeName;
  readonly problems: string[];
}

function filledMetric(metric: CanaryMetric, query: QueryTemplate, { pair, judge, problems }: Filling): GaugeMetric[] {
  const both = queryOfBoth(query, pair);
  if ('problem' in both) problems.push(`metric '${metric.name}': ${both.problem}`);
  const translated = 'value' in both ? translateMetric(metric, both.value, judge) : both;
  return 'value' in translated ? [translated.value] : [];
}

function templateOf(
  config: CanaryConfig,
  metrics: readonly GaugeMetric[],
  judge: JudgeName,
  { thresholds }: ExecutionRequest,
  { stepSeconds, start, end }: Stretch,
): Template {
  const rule: JudgeRule = { kind: 'kayenta', ...thresholds, decide: 'at-deadline', groups: config.groupWeights };
  const stretchSeconds = Math.ceil((end.getTime() - start.getTime()) / 1000);
  const deadlineSeconds =
    judge === 'kayenta' ? Math.max(stretchSeconds, stepSeconds) : (config.maxDurationMinutes ?? defaultDeadlineMinutes) * 60;
  return {
    name: `kayenta-${config.name || 'ad-hoc'}`
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')
      .slice(0, 63),
    title: null,
    description: null,
    labels: {},
    hash: `sha256:${createHash('sha256')
      .update(JSON.stringify([metrics, judge, thresholds, config.groupWeights]))
      .digest('hex')}`,
    arguments: {},
    cohorts: { by: cohortLabel, pod: null, podSpread: 'ignore' },
    schedule: {
      windowSeconds: stepSeconds,
      latenessSeconds: 30,
      warmupSeconds: 0,
      minDurationSeconds: 0,
      minSamples: 1,
      deadlineSeconds,
      onDeadline: 'hold',
      staleAfterSeconds: Math.max(60, 4 * stepSeconds),
      bakeSeconds: 0,
    },
    budget: { falseRollback: 0.01, falsePromote: 0.05 },
    phases: [],
    metrics,
    ...(judge === 'kayenta' && { judge: rule }),
    guards: { sampleRatio: null, mix: null },
  };
}
