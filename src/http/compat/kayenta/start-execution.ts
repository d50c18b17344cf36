import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { StartRun, type StartRunRequest } from '../../../analysis/index.js';
import { InvalidRequestError, type Run } from '../../../domain/index.js';
import { ForeignDocumentStore, RunStore } from '../../../storage/index.js';
import { type CanaryConfig, readUnnamedConfig, refuseProblems } from '../../../templates/index.js';
import { type Execution, type ExecutionCaller, executionCollection } from './execution.js';
import { type ExecutionRequest, readExecutionRequest, type Stretch, stretchOf } from './execution-request.js';
import { type TranslatedConfig, translateConfig } from './translate-config.js';

/** On every run of an execution: what makes a repeated POST another look at it. */
const openLabel = 'assay.kayenta';

/** Clocks differ: an `end` this far ahead is now. */
const skewMs = 60_000;

/** Starts the run of an execution, or finds the open one that the same question started before. */
@Injectable()
export class StartExecution {
  /** Starts of one question follow each other, so that two at once give one run. */
  private readonly starting = new Map<string, Promise<unknown>>();

  constructor(
    private readonly startRun: StartRun,
    private readonly runs: RunStore,
    private readonly documents: ForeignDocumentStore,
  ) {}

  /**
   * @param part  of what is asked, where the same question is asked more than once and each is a run of its own
   * @throws {InvalidRequestError} with everything that is wrong, or cannot be expressed
   */
  async execute(config: unknown, request: unknown, caller: ExecutionCaller, now: Date, part = ''): Promise<string> {
    const problems: string[] = [];
    const read = readUnnamedConfig(config, problems);
    const asked = readExecutionRequest(request, read, problems);
    refuseProblems(problems);
    const stretch = stretchOf(asked, problems);
    refuseProblems(problems);
    if (!stretch) throw new InvalidRequestError('scopes have no times');
    const translated = translateConfig(read, asked, stretch, problems);
    refuseProblems(problems);
    const key = keyOf(read, asked, translated, caller, part);
    return this.oneAfterTheOther(key, async () => {
      const run = (await this.openRun(key)) ?? (await this.start(translated, asked, stretch, caller, key, now)).run;
      await this.remember(run, { config: read, asked, request, translated, caller, stretch });
      return run.id;
    });
  }

  private async openRun(key: string): Promise<Run | null> {
    const { runs } = await this.runs.list({ limit: 1, cursor: null, state: 'running', labels: { [openLabel]: key } });
    return runs[0] ?? null;
  }

  private start(
    { template, judge }: TranslatedConfig,
    asked: ExecutionRequest,
    stretch: Stretch,
    { application }: ExecutionCaller,
    key: string,
    now: Date,
  ): Promise<{ run: Run; created: boolean }> {
    const request: StartRunRequest = {
      template: template.name,
      arguments: { application, ...scopesInWords(asked), question: key.slice(0, 16) },
      baseline: 'baseline',
      canary: 'canary',
      weight: null,
      labels: { application, [openLabel]: key },
      idempotencyKey: null,
      from: stretch.start,
      to: judge === 'kayenta' ? endOf(stretch, now) : null,
    };
    return this.startRun.start(template, request, now, request);
  }

  /** The first one stands; written again for an open run, in case that a process ended between the two. */
  private async remember(run: Run, told: Told): Promise<void> {
    const body = executionOf(told);
    await this.documents.add(executionCollection, {
      id: run.id,
      label: body.application,
      body,
      createdAt: run.createdAt,
      updatedAt: run.createdAt,
    });
  }

  private async oneAfterTheOther(key: string, start: () => Promise<string>): Promise<string> {
    const before = this.starting.get(key) ?? Promise.resolve();
    const mine = before.then(start, start);
    this.starting.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.starting.get(key) === mine) this.starting.delete(key);
    }
  }
}

interface Told {
  readonly config: CanaryConfig;
  readonly asked: ExecutionRequest;
  readonly request: unknown;
  readonly translated: TranslatedConfig;
  readonly caller: ExecutionCaller;
  readonly stretch: Stretch;
}

const executionOf = ({ config, asked, request, translated, caller, stretch }: Told): Execution => ({
  ...caller,
  judge: translated.judge,
  metrics: config.metrics.map(({ name, groups, critical, muted }) => ({ name, groups, critical, muted })),
  groupWeights: config.groupWeights,
  thresholds: asked.thresholds,
  request,
  start: stretch.start.toISOString(),
  end: stretch.end.toISOString(),
});

/** The end of a stretch that is judged once. */
function endOf({ end }: Stretch, now: Date): Date {
  const ahead = end.getTime() - now.getTime();
  if (ahead > skewMs)
    throw new InvalidRequestError(`end is ${Math.round(ahead / 1000)} s in the future: Kayenta's judge needs a stretch that is over`);
  return ahead > 0 ? now : end;
}

/** For people: `default.control: checkout-v1 in eu`. */
const scopesInWords = ({ scopes }: ExecutionRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(scopes).flatMap(([name, pair]) =>
      (['control', 'experiment'] as const).map((side) => {
        const { scope, location } = pair[side];
        return [`${name}.${side}`, location === '' ? scope : `${scope} in ${location}`];
      }),
    ),
  );

/** The same config, application, scopes and thresholds ask the same question, whatever the times. */
function keyOf(
  { id }: CanaryConfig,
  { thresholds }: ExecutionRequest,
  { template, judge }: TranslatedConfig,
  caller: ExecutionCaller,
  part: string,
): string {
  const asked = [part, id, caller.configId, caller.application, judge, thresholds, template.hash, template.schedule.windowSeconds];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}
