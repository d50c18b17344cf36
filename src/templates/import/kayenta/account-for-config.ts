import type { ForeignValue } from '../foreign-value.js';
import { nothingToDo } from '../import-context.js';
import type { CanaryConfig } from './canary-config.js';
import { type JudgeName, judgeNamed } from './judge-names.js';

/** Names what a canary config says and a template does not, and marks the rest as moved. */
export function accountForConfig(root: ForeignValue, config: CanaryConfig, judge: JudgeName): void {
  root.get('name')?.moved('metadata.name');
  for (const key of [
    'id',
    'description',
    'configVersion',
    'applications',
    'owner',
    'createdTimestamp',
    'createdTimestampIso',
    'updatedTimestamp',
    'updatedTimestampIso',
  ])
    root.get(key)?.changed('left-out', `'${key}' is for Kayenta's own lists`, nothingToDo);
  accountForJudge(root.get('judge'), config);
  accountForClassifier(root.get('classifier'), config, judge);
  const used = new Set(config.metrics.map(({ query }) => query.customFilterTemplate));
  for (const [key, template] of root.get('templates')?.entries() ?? []) if (used.has(key)) template.moved('the queries of its metrics');
  for (const [index, entry] of (root.get('metrics')?.items() ?? []).entries()) accountForMetric(entry, config, index, judge);
  const means =
    judge === 'kayenta'
      ? "Kayenta's judge is not valid under peeking: it decides once, at the deadline"
      : "groups, weights, outliers and nanStrategy mean nothing to Assay's own judge";
  root.remark('change', { code: 'judge', message: means, repair: 'see docs/templates.md, Other judges' });
  root.remark('change', {
    code: 'series-pooled',
    message: 'where a query gives several series for one side Assay pools them; Kayenta compares series with equal tags pairwise',
    repair: 'nothing to do; write one metric for each series that must be judged by itself',
  });
}

function accountForJudge(judge: ForeignValue | null, { judgeName }: CanaryConfig): void {
  const name = judge?.get('name');
  if (judgeNamed(judgeName) !== null) name?.moved('spec.judge');
  else
    name?.undecided(
      'judge-unknown',
      `there is no judge '${judgeName.slice(0, 80)}' here`,
      "the template says 'judge: kayenta', the arithmetic of NetflixACAJudge-v1.0",
    );
  for (const [key, value] of judge?.get('judgeConfigurations')?.entries() ?? []) {
    if (key === 'maxDurationMinutes') value.moved('schedule.deadline');
    else value.changed('left-out', `'${key}' configures Kayenta's judge`, 'see the options of judge: kayenta in docs/templates.md');
  }
}

function accountForClassifier(classifier: ForeignValue | null, config: CanaryConfig, judge: JudgeName): void {
  const [weights, thresholds] = [classifier?.get('groupWeights'), classifier?.get('scoreThresholds')];
  if (judge === 'kayenta') {
    for (const key of ['pass', 'marginal']) thresholds?.get(key)?.moved(`spec.judge.${key}`);
    if (config.thresholds === null)
      classifier?.remark('change', {
        code: 'thresholds-elsewhere',
        message: 'pass and marginal come with each execution, not with the config',
        repair: 'the template has the usual 75 and 50: see spec.judge',
      });
    return;
  }
  for (const value of [weights, thresholds])
    value?.changed(
      'no-score',
      "Assay's own judge has no score",
      "every metric that decides must be safe; 'weight' shares the error budget",
    );
}

const ofQuery = ['type', 'serviceType', 'metricName', 'labelBindings', 'groupByFields', 'customFilterTemplate'];
const ofCanary = ['direction', 'critical', 'muted', 'mustHaveData', 'nanStrategy', 'outliers', 'effectSize'];
const onlyKayenta = ['nanStrategy', 'outliers'];

function accountForMetric(entry: ForeignValue, { metrics }: CanaryConfig, index: number, judge: JudgeName): void {
  const metric = metrics[index];
  if (metric === undefined) return;
  entry.get('name')?.moved('name');
  entry.get('scopeName')?.changed('cohort-by-run', 'the name of a scope, which an execution fills in', 'a run names the cohorts itself');
  const groups = entry.get('groups');
  if (judge === 'kayenta') groups?.moved('kayenta.groups');
  else groups?.changed('no-score', 'groups are parts of a score', nothingToDo);
  if (judge === 'kayenta' && metric.groups.length === 0 && !metric.muted)
    entry.remark('decide', {
      code: 'no-group',
      message: `'${metric.name}' is in no group, and counts for nothing in Kayenta; here it is a group by itself`,
      repair: "write 'role: informational' if it should count for nothing",
    });
  for (const key of ofQuery) entry.at('query', key)?.moved('the query');
  accountForCanary(entry.at('analysisConfigurations', 'canary'), judge);
  if (judge === 'kayenta' && !metric.muted && (metric.critical || metric.mustHaveData))
    entry.remark('change', {
      code: 'no-data-holds',
      message: `no data on '${metric.name}' is hold here; Kayenta fails the metric, or the whole canary`,
      repair: "write 'onNoData: fail' for that",
    });
}

function accountForCanary(canary: ForeignValue | null, judge: JudgeName): void {
  for (const key of ofCanary) {
    const value = canary?.get(key);
    if (judge === 'evidence' && onlyKayenta.includes(key)) value?.changed('no-score', `'${key}' is for Kayenta's judge`, nothingToDo);
    else
      value?.moved(
        key === 'direction' ? 'harm' : ['critical', 'muted'].includes(key) ? 'role' : key === 'mustHaveData' ? 'onNoData' : 'kayenta',
      );
  }
}
