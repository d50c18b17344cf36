import { type Thresholds } from '../../../templates/index.js';
import { type ExecutionAnswer } from './execution-on-wire.js';
import { intervalRequest, type StandaloneAnalysis, type StandaloneRequest } from './standalone-request.js';

/** What Referee, Azure's gate and Jenkins jobs read. */
export interface AnalysisAnswer {
  readonly pipelineId: string;
  readonly application: string;
  readonly user: string;
  readonly parentPipelineExecutionId: string;
  readonly canaryConfigId: string;
  readonly metricsAccountName: string;
  readonly storageAccountName: string;
  readonly complete: boolean;
  readonly status: string;
  readonly executionStatus: string;
  readonly buildTimeIso: string;
  readonly buildTimeMillis: number;
  readonly canaryAnalysisExecutionRequest: unknown;
  readonly stageStatus: readonly { readonly type: string; readonly name: string; readonly status: string; readonly executionId?: string }[];
  readonly canaryAnalysisExecutionResult?: {
    readonly didPassThresholds: boolean;
    readonly hasWarnings: boolean;
    readonly canaryScoreMessage: string;
    readonly canaryScores: readonly number[];
    readonly canaryExecutionResults: readonly object[];
    readonly buildTimeIso: string;
    readonly endTimeIso: string;
  };
  readonly exception?: { readonly details: { readonly errors: readonly string[] } };
}

interface Progress {
  readonly intervals: number;
  readonly request: StandaloneRequest;
  readonly answers: readonly ExecutionAnswer[];
}

/** An analysis with its intervals: it passes where every one scores `marginal` at least, and the last one `pass`. */
export function analysisOnWire(id: string, analysis: StandaloneAnalysis, { intervals, request, answers }: Progress): AnalysisAnswer {
  const { pass, marginal } = analysis.thresholds;
  const ended = answers.filter(({ complete }) => complete);
  const scores = ended.flatMap(({ result }) => result?.judgeResult.score.score ?? []);
  const broken = ended.find(({ result }) => result === undefined);
  const failed = scores.findIndex((score) => score < marginal);
  const isOver = broken !== undefined || failed >= 0 || scores.length >= intervals;
  const passes = isOver && broken === undefined && failed < 0 && (scores.at(-1) ?? 0) >= pass;
  const status = !isOver ? 'running' : broken ? broken.status : passes ? 'succeeded' : 'terminal';
  const began = new Date(analysis.askedAt);
  const last = ended.at(-1);
  return {
    pipelineId: id,
    application: analysis.caller.application,
    user: analysis.user,
    parentPipelineExecutionId: analysis.caller.parentPipelineExecutionId,
    canaryConfigId: analysis.caller.configId,
    metricsAccountName: analysis.caller.metricsAccountName,
    storageAccountName: analysis.caller.storageAccountName,
    complete: isOver,
    status,
    executionStatus: status.toUpperCase(),
    buildTimeIso: began.toISOString(),
    buildTimeMillis: began.getTime(),
    canaryAnalysisExecutionRequest: analysis.request,
    stageStatus: Array.from({ length: intervals }, (_, index) => stageOf(answers[index], index)),
    ...(isOver && {
      canaryAnalysisExecutionResult: {
        didPassThresholds: passes,
        hasWarnings: answers.some(({ result }) =>
          result?.judgeResult.results.some(({ controlMetadata }) => controlMetadata.stats.count < 50),
        ),
        canaryScoreMessage: messageOf({ scores, failed, passes, isBroken: broken !== undefined }, { pass, marginal }),
        canaryScores: scores,
        canaryExecutionResults: ended.map((answer, index) => executionOf(answer, request, index)),
        buildTimeIso: began.toISOString(),
        endTimeIso: last?.endTimeIso ?? began.toISOString(),
      },
    }),
    ...(broken?.exception && { exception: broken.exception }),
  };
}

const stageOf = (answer: ExecutionAnswer | undefined, index: number): AnalysisAnswer['stageStatus'][number] => ({
  type: 'runCanary',
  name: `Run Canary #${index + 1}`,
  status: answer?.status ?? 'not_started',
  ...(answer && { executionId: answer.pipelineId }),
});

function executionOf(
  { pipelineId, status, result, exception, ...times }: ExecutionAnswer,
  request: StandaloneRequest,
  index: number,
): object {
  return {
    executionId: pipelineId,
    executionStatus: status.toUpperCase(),
    exception: exception ?? null,
    result: result ?? null,
    judgementStartTimeIso: request.start.toISOString(),
    judgementEndTimeIso: intervalRequest(request, index).end.toISOString(),
    warnings: [],
    metricSetPairListId: pipelineId,
    buildTimeIso: times.buildTimeIso,
    startTimeIso: times.startTimeIso,
    endTimeIso: times.endTimeIso ?? null,
  };
}

interface Outcome {
  readonly scores: readonly number[];
  readonly failed: number;
  readonly passes: boolean;
  readonly isBroken: boolean;
}

function messageOf({ scores, failed, passes, isBroken }: Outcome, { pass, marginal }: Thresholds): string {
  const last = scores.at(-1);
  if (isBroken) return 'an interval could not be judged';
  if (failed >= 0) return `canary score ${scores[failed]} of interval ${failed + 1} is below the marginal score ${marginal}`;
  return `final canary score ${last} ${passes ? 'met or exceeded' : 'is below'} the pass score ${pass}`;
}
