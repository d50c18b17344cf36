import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/index.js';
import { NotFoundError } from '../../../domain/index.js';
import { type ForeignDocument, ForeignDocumentStore, timeSortableId } from '../../../storage/index.js';
import { judgeNamed, readUnnamedConfig, refuseProblems, type Thresholds } from '../../../templates/index.js';
import { type ExecutionCaller } from './execution.js';
import { ExecutionMemory } from './execution-memory.js';
import { type ExecutionAnswer, executionOnWire } from './execution-on-wire.js';
import { readExecutionRequest, stretchOf } from './execution-request.js';
import { type AnalysisAnswer, analysisOnWire } from './standalone-on-wire.js';
import {
  intervalRequest,
  intervalsOf,
  readStandaloneRequest,
  type StandaloneAnalysis,
  type StandaloneRequest,
} from './standalone-request.js';
import { StartExecution } from './start-execution.js';
import { translateConfig } from './translate-config.js';

const collection = 'kayenta/standalone-analysis';

/** Clocks and scrapes: an interval is judged this long after its end. */
const settleMs = 30_000;

/**
 * Analyses over a lifetime. The interval that is due is started when somebody asks: it is judged on a stretch that is over,
 * so that the moment of asking changes nothing, and a restart forgets nothing.
 */
@Injectable()
export class StandaloneAnalyses {
  private readonly asking = new Map<string, Promise<AnalysisAnswer>>();

  constructor(
    private readonly documents: ForeignDocumentStore,
    private readonly startExecution: StartExecution,
    private readonly memory: ExecutionMemory,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws {InvalidRequestError} with all mistakes, those of the last interval's queries included */
  async start(config: unknown, request: unknown, caller: ExecutionCaller & { readonly user: string }, now: Date): Promise<string> {
    const { user, ...rest } = caller;
    const thresholds = thresholdsOf(config, readStandaloneRequest(request, now));
    const body: StandaloneAnalysis = { caller: rest, user, config, request, thresholds, askedAt: now.toISOString(), executions: [] };
    const id = timeSortableId('sca', now);
    await this.documents.add(collection, { id, label: caller.application, body, createdAt: now, updatedAt: now });
    return id;
  }

  /** Who asks while somebody else does gets the same answer: an interval is started once. @throws {NotFoundError} */
  get(id: string, now: Date): Promise<AnalysisAnswer> {
    const answer = this.asking.get(id) ?? this.read(id, now).finally(() => this.asking.delete(id));
    this.asking.set(id, answer);
    return answer;
  }

  private async read(id: string, now: Date): Promise<AnalysisAnswer> {
    const found = await this.documents.find<StandaloneAnalysis>(collection, id);
    if (!found) throw new NotFoundError(`there is no canary analysis '${id.slice(0, 80)}'`);
    const request = readStandaloneRequest(found.body.request, new Date(found.body.askedAt));
    const isOnce = judgeNamed(readUnnamedConfig(found.body.config, []).judgeName) === 'kayenta';
    const intervals = isOnce ? intervalsOf(request) : 1;
    let analysis = found.body;
    let answers = await this.answersOf(analysis);
    if (isDue({ answers, intervals, request, isOnce, marginal: analysis.thresholds.marginal }, now)) {
      analysis = await this.startNext(found, request, isOnce ? answers.length : intervalsOf(request) - 1, now);
      answers = await this.answersOf(analysis);
    }
    return analysisOnWire(id, analysis, { intervals, request, answers });
  }

  private async startNext(
    { body, ...document }: ForeignDocument<StandaloneAnalysis>,
    request: StandaloneRequest,
    index: number,
    now: Date,
  ): Promise<StandaloneAnalysis> {
    const { caller, config, executions, thresholds } = body;
    const asked = { ...intervalRequest(request, index).body, thresholds };
    // the interval is a part of who asks: two analyses, or two intervals, are never looks at one run
    const parentPipelineExecutionId = `${document.id}/${index}`;
    const id = await this.startExecution.execute(
      lasting(config, request),
      asked,
      { ...caller, parentPipelineExecutionId },
      now,
      parentPipelineExecutionId,
    );
    const next = { ...body, executions: [...executions, id] };
    await this.documents.replace(collection, { ...document, body: next, updatedAt: now });
    return next;
  }

  private answersOf({ executions }: StandaloneAnalysis): Promise<ExecutionAnswer[]> {
    return Promise.all(
      executions.map(async (id) => {
        const { run, execution } = await this.memory.get(id);
        return executionOnWire(run, execution, this.settings.publicUrl);
      }),
    );
  }
}

interface Standing {
  readonly answers: readonly ExecutionAnswer[];
  readonly intervals: number;
  readonly request: StandaloneRequest;
  readonly isOnce: boolean;
  readonly marginal: number;
}

/** The next interval is over, and nothing before it has failed. A sequential run follows from the start. */
function isDue({ answers, intervals, request, isOnce, marginal }: Standing, now: Date): boolean {
  const passed = answers.every(({ result }) => (result?.judgeResult.score.score ?? -1) >= marginal);
  if (answers.length >= intervals || !passed) return false;
  const begins = isOnce ? intervalRequest(request, answers.length).end.getTime() + settleMs : request.start.getTime();
  return now.getTime() >= begins;
}

/** Everything that would be refused when the last interval begins is refused now. */
function thresholdsOf(config: unknown, request: StandaloneRequest): Thresholds {
  const problems: string[] = [];
  const read = readUnnamedConfig(lasting(config, request), problems);
  const asked = readExecutionRequest(intervalRequest(request, intervalsOf(request) - 1).body, read, problems);
  refuseProblems(problems);
  const stretch = stretchOf(asked, problems);
  refuseProblems(problems);
  if (stretch) translateConfig(read, asked, stretch, problems);
  refuseProblems(problems);
  return asked.thresholds;
}

/** Assay's own judge watches as long as the analysis lasts, unless the config says otherwise. */
function lasting(config: unknown, { lifetimeMs }: StandaloneRequest): unknown {
  const fields = typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {};
  const judge = typeof fields['judge'] === 'object' && fields['judge'] !== null ? (fields['judge'] as Record<string, unknown>) : {};
  const given = typeof judge['judgeConfigurations'] === 'object' ? judge['judgeConfigurations'] : {};
  return { ...fields, judge: { ...judge, judgeConfigurations: { maxDurationMinutes: lifetimeMs / 60_000, ...given } } };
}
