import { type ClassifiedMetric, scoreOfClassified } from '../../../analysis/index.js';
import { type Evidence, finiteOrNull, type Run, type Verdict } from '../../../domain/index.js';
import { judgeNames } from '../../../templates/index.js';
import type { Execution } from './execution.js';
import { holdScore } from './execution-request.js';
import { type CanaryResult, type CanaryStatus, type JudgeResult, resultId, type ScoreClass, type SideStats } from './judge-result.js';

export interface ExecutionAnswer {
  readonly application: string;
  readonly pipelineId: string;
  readonly parentPipelineExecutionId: string;
  readonly stageStatus: Readonly<Record<string, string>>;
  readonly complete: boolean;
  readonly status: CanaryStatus;
  readonly canaryConfigId: string;
  readonly metricsAccountName: string;
  readonly storageAccountName: string;
  readonly buildTimeIso: string;
  readonly startTimeIso: string;
  readonly endTimeIso?: string;
  readonly buildTimeMillis: number;
  readonly startTimeMillis: number;
  readonly endTimeMillis?: number;
  readonly metricSetPairListId: string;
  readonly canaryExecutionRequest: unknown;
  readonly result?: { readonly canaryDuration: string; readonly judgeResult: JudgeResult };
  readonly exception?: { readonly details: { readonly errors: readonly string[] } };
  /** not Kayenta's: where people read the verdict with its evidence */
  readonly assay: { readonly run: string; readonly url: string; readonly decision: string; readonly reason: string };
}

/** An execution as Argo and Orca read it. Everything but a promote or a hold that was found is a score of 0, or none. */
export function executionOnWire(run: Run, execution: Execution, publicUrl: string): ExecutionAnswer {
  const { verdict } = run;
  const status = statusOf(run);
  const ended = run.finishedAt;
  const began = { iso: run.createdAt.toISOString(), millis: run.createdAt.getTime() };
  return {
    application: execution.application,
    pipelineId: run.id,
    parentPipelineExecutionId: execution.parentPipelineExecutionId,
    stageStatus: { judge: status },
    complete: run.state !== 'running',
    status,
    canaryConfigId: execution.configId,
    metricsAccountName: execution.metricsAccountName,
    storageAccountName: execution.storageAccountName,
    buildTimeIso: began.iso,
    startTimeIso: began.iso,
    buildTimeMillis: began.millis,
    startTimeMillis: began.millis,
    ...(ended && { endTimeIso: ended.toISOString(), endTimeMillis: ended.getTime() }),
    metricSetPairListId: run.id,
    canaryExecutionRequest: execution.request,
    ...(status === 'succeeded' &&
      verdict && { result: { canaryDuration: durationOf(run), judgeResult: judgeResultOf(verdict, execution) } }),
    ...((status === 'terminal' || status === 'canceled') && { exception: { details: { errors: [verdict?.reason ?? 'no verdict'] } } }),
    assay: {
      run: run.id,
      url: `${publicUrl}/v1/runs/${encodeURIComponent(run.id)}`,
      decision: verdict?.decision ?? 'hold',
      reason: verdict?.reason ?? 'no look yet',
    },
  };
}

/** terminal: the source never answered, so there is no result that a client could take for one. No data is a hold. */
function statusOf({ state, verdict }: Run): CanaryStatus {
  if (state === 'running') return 'running';
  if (state === 'cancelled') return 'canceled';
  if (!verdict) return 'terminal';
  if (verdict.code === 'overridden') return 'succeeded';
  const gating = verdict.evidence.filter(({ role }) => role !== 'informational');
  const unread = gating.every(({ missing }) => missing?.cause === 'unavailable');
  return verdict.decision === 'hold' && unread ? 'terminal' : 'succeeded';
}

function judgeResultOf(verdict: Verdict, execution: Execution): JudgeResult {
  const { score, classification } = scoreOf(verdict, execution);
  return {
    judgeName: judgeNames[execution.judge],
    score: { score, classification, classificationReason: verdict.reason },
    groupScores: groupScoresOf(verdict, execution),
    results: verdict.evidence.map((evidence) => resultOf(evidence, execution)),
  };
}

/** The number that clients compare with their thresholds; it never says more than the decision. */
function scoreOf({ decision, score }: Verdict, { thresholds, judge }: Execution): { score: number; classification: ScoreClass } {
  const { pass, marginal } = thresholds;
  if (decision === 'hold') return { score: holdScore(thresholds), classification: 'Marginal' };
  if (decision === 'promote') return { score: judge === 'kayenta' && score >= Math.max(pass, 1) ? score : 100, classification: 'Pass' };
  return { score: judge === 'kayenta' && score < marginal ? score : 0, classification: 'Fail' };
}

function groupScoresOf({ evidence }: Verdict, { metrics, groupWeights, thresholds }: Execution): JudgeResult['groupScores'] {
  const classified = evidence.flatMap(({ name, metric, once }): ClassifiedMetric[] => {
    const asked = metrics.find((each) => each.name === metric || each.name === name);
    if (!asked || once?.judge !== 'kayenta' || once.classification === null) return [];
    return [{ classification: once.classification, groups: asked.groups, critical: once.critical, muted: asked.muted }];
  });
  const { groups } = scoreOfClassified(classified, groupWeights, thresholds);
  return Object.entries(groups).map(([name, score]) => ({ name, score, classification: '', classificationReason: '' }));
}

function resultOf(evidence: Evidence, { metrics }: Execution): CanaryResult {
  const index = metrics.findIndex(({ name }) => name === evidence.metric);
  const asked = metrics[index];
  const { baseline, canary, effect, margin, missing, once, logHarm } = evidence;
  return {
    id: resultId(index),
    name: evidence.name,
    tags: {},
    groups: asked?.groups ?? [],
    classification: classificationOf(evidence),
    classificationReason: missing?.detail ?? evidence.warnings[0] ?? '',
    critical: asked?.critical ?? false,
    muted: asked?.muted ?? false,
    controlMetadata: { stats: statsOf(baseline) },
    experimentMetadata: { stats: statsOf(canary) },
    resultMetadata: {
      ...(once?.judge === 'kayenta' && once.meanRatio !== null && { ratio: once.meanRatio }),
      assay: {
        ci: [finiteOrNull(effect.low), finiteOrNull(effect.high)],
        margin: finiteOrNull(margin),
        e: finiteOrNull(Math.exp(logHarm)),
      },
    },
  };
}

/** Only the mean is known of each side; a median or a spread would be made up. */
const statsOf = ({ count, value }: Evidence['canary']): SideStats => (value === null ? { count } : { count, mean: value });

function classificationOf({ once, assessment, missing, direction, effect }: Evidence): CanaryResult['classification'] {
  if (once?.judge === 'kayenta') return once.classification ?? 'Nodata';
  if (missing || assessment === 'undecided') return 'Nodata';
  if (assessment === 'safe') return 'Pass';
  const isLower = direction === 'decrease' || (direction === 'either' && (effect.estimate ?? 0) < 0);
  return isLower ? 'Low' : 'High';
}

/** `PT15M`, by whole seconds. */
function durationOf({ from, to, verdict }: Run): string {
  const seconds = Math.round(to ? (to.getTime() - from.getTime()) / 1000 : (verdict?.elapsedSeconds ?? 0));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `PT${minutes > 0 ? `${minutes}M` : ''}${rest > 0 || minutes === 0 ? `${rest}S` : ''}`;
}
