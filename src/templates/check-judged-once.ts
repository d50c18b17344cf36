import type { JudgeRule, KayentaRule, Metric, Phase, Schedule } from '../domain/index.js';
import { formatDuration } from './duration.js';
import type { Fields } from './fields.js';
import { placeAt } from './read-earlier-baseline.js';
import { checkGroups } from './read-judge.js';

/** What the rest of the template asks of its judge. */
export interface AskedOfJudge {
  readonly schedule: Schedule;
  readonly phases: readonly Phase[];
  readonly metrics: readonly Metric[];
  /** names of the metrics that are also judged by parts */
  readonly sliced: ReadonlyMap<string, unknown>;
  /** it is compared with earlier days */
  readonly isEarlier: boolean;
  /** the mapping `spec` */
  readonly spec: Fields;
}

/** Kayenta's authors ask for so many points of each metric: with few, one odd window decides. */
const enoughPoints = 50;

/** What a judge that decides once cannot do. */
export function checkJudgedOnce(judge: JudgeRule, asked: AskedOfJudge): void {
  const { schedule, phases, metrics, isEarlier, spec } = asked;
  const refuse = (way: readonly (string | number)[], message: string, repair: string): void =>
    spec.findings.error({ code: 'judged-once', message: `${judge.kind} judges once: ${message}`, repair, ...placeAt(spec, way) });
  if (phases.length > 0) refuse(['phases'], 'no phase could pass before its deadline', "remove 'phases', and start a run for each weight");
  if (schedule.bakeSeconds > 0) refuse(['schedule', 'bake'], 'a bake would look again', "remove 'bake'");
  if (schedule.onDeadline === 'promote-if-bounded')
    refuse(['schedule', 'onDeadline'], 'the deadline is when it decides', 'write onDeadline: hold or rollback');
  if (isEarlier) refuse(['cohorts', 'baseline'], 'earlier days are compared by evidence only', "remove 'baseline', or the judge");
  for (const [index, { name }] of metrics.entries()) {
    if (!asked.sliced.has(name)) continue;
    const message = `a part of '${name}' with little traffic would hold for ever`;
    refuse(['metrics', index, 'slices'], message, "remove 'slices', or write one metric for each part");
  }
  for (const [index, metric] of metrics.entries()) checkMetric(judge, metric, index, spec);
  if (judge.kind === 'kayenta') checkKayenta(judge, asked);
}

function checkMetric(judge: JudgeRule, metric: Metric, index: number, spec: Fields): void {
  const { name, role, limit, margin, test } = metric;
  const report = (key: string, code: string, message: string, repair: string): void =>
    spec.findings.error({ code, message, repair, ...placeAt(spec, ['metrics', index, key]) });
  if (limit !== null)
    report(
      'limit',
      'limit-not-judged',
      `${judge.kind} compares with the baseline only, and '${name}' has a limit`,
      'give it a margin, or leave the judge out',
    );
  if (test === 'kolmogorov-smirnov' && role !== 'informational')
    report(
      'test',
      'test-shows-no-safety',
      `kolmogorov-smirnov can show harm, never safety: with '${name}' nothing could be promoted`,
      "write 'role: informational', or test: mann-whitney",
    );
  if (test === 'fisher' && (margin?.absolute ?? 0) > 0)
    report(
      'margin',
      'margin-not-tested',
      `Fisher's test holds the ratio of odds against 1 + relative, and '${name}' has an absolute margin`,
      "keep 'relative' only, or test: two-proportion",
    );
}

function checkKayenta(judge: KayentaRule, { metrics, schedule, spec }: AskedOfJudge): void {
  checkGroups(judge, new Set(metrics.flatMap(({ name, kayenta }) => kayenta?.groups ?? [name])), spec);
  const points = Math.floor((schedule.deadlineSeconds - schedule.warmupSeconds) / schedule.windowSeconds);
  if (points < enoughPoints) {
    const { path, at } = placeAt(spec, ['schedule', 'deadline']);
    const message = `until the deadline there are ${points} windows, and Kayenta needs about ${enoughPoints} points of each metric`;
    const repair = `write deadline: ${formatDuration(schedule.warmupSeconds + enoughPoints * schedule.windowSeconds)} or more, or a shorter window`;
    spec.findings.warning({ code: 'few-points', message, repair, path, at });
  }
  const idle = metrics.flatMap(({ name }, index) => (hasMargin(index, spec) ? [name] : []));
  if (idle.length === 0) return;
  const message = `Kayenta knows no margin: what ${idle.map((name) => `'${name}'`).join(', ')} accept${idle.length === 1 ? 's' : ''} is not used`;
  const repair = "remove 'margin', and write kayenta: { allowedIncrease: 1.1 } where a small change is no harm";
  spec.findings.warning({ code: 'ignored-key', message, repair, ...placeAt(spec, ['judge']) });
}

/** Whether the author wrote one: without it there is one of nothing. */
function hasMargin(index: number, spec: Fields): boolean {
  const metrics = spec.take('metrics')?.node;
  const metric = metrics?.kind === 'list' ? metrics.items[index] : undefined;
  return metric?.kind === 'map' && metric.entries.has('margin');
}
