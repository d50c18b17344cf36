import { createHash } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { AwaitVerdict, ChangeRun } from '../../../analysis/index.js';
import { SETTINGS, type Settings } from '../../../config/index.js';
import { type Run } from '../../../domain/index.js';
import { Disconnected } from '../../access/caller.js';
import { Scope } from '../../access/scope.decorator.js';
import { IdPipe } from '../../edge/id.pipe.js';
import { ServerLife } from '../../edge/server-life.js';
import { waitMsOf } from '../../runs/wait.js';
import { RolloutRuns } from '../rollout-runs.js';
import { ArgoAnswerDto, ArgoMetricDto, argoAnswer } from './argo-answer.dto.js';
import { ArgoLookDto, ArgoQuery, keepForMsOf } from './argo-look.dto.js';

/** For so long a promote answers whoever asks again: replies get lost. Afterwards it is a new analysis of the same pods. */
const promotedForMs = 2 * 60_000;

/** A run that did not end in a promote says so for as long as one analysis goes on asking: nobody gets a new chance by asking again. */
const refusedForMs = 3_600_000;

/** Argo Rollouts' `web` provider, and Kargo, which runs the same AnalysisTemplates. */
@ApiTags('argo')
@ApiExtraModels(ArgoMetricDto)
@ApiOkResponse({ type: ArgoAnswerDto })
@ApiServiceUnavailableResponse({ type: ArgoAnswerDto, description: 'with `pending=503`: not decided yet' })
@Controller('argo')
export class ArgoController {
  constructor(
    private readonly rollouts: RolloutRuns,
    private readonly change: ChangeRun,
    private readonly awaitVerdict: AwaitVerdict,
    private readonly life: ServerLife,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** One measurement: a look at the run of this analysis, which the first one starts. */
  @Post()
  @HttpCode(200)
  @Scope('deployer')
  async measure(
    @Body() body: ArgoLookDto,
    @Query() query: ArgoQuery,
    @Disconnected() disconnected: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ArgoAnswerDto> {
    const now = new Date();
    const run = await this.rollouts.openOrJoin(
      requestOf(body),
      { key: keyOf(body), isOver: (found) => isOver(found, now, keepForMsOf(body.keepFor) ?? 0) },
      now,
    );
    const { weight } = body;
    const isNews = weight !== undefined && run.state === 'running' && run.phaseChanges.at(-1)?.weight !== weight;
    if (isNews) await this.change.phase(run.id, { weight }, now);
    const asked = { wait: query.wait ?? body.wait, pending: query.pending ?? body.pending };
    return this.answer(run.id, asked, weight !== undefined, disconnected, reply);
  }

  /** One look at a run that was started elsewhere. */
  @Get(':id')
  @Scope('viewer')
  async look(
    @Param('id', IdPipe) id: string,
    @Query() query: ArgoQuery,
    @Disconnected() disconnected: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ArgoAnswerDto> {
    return this.answer(id, query, false, disconnected, reply);
  }

  private async answer(
    id: string,
    { wait, pending }: ArgoQuery,
    ofStep: boolean,
    disconnected: AbortSignal,
    reply: FastifyReply,
  ): Promise<ArgoAnswerDto> {
    const render = (run: Run): ArgoAnswerDto => argoAnswer(run, this.settings.publicUrl, ofStep);
    const isOpen = ({ phase, decision }: ArgoAnswerDto): boolean => phase === 'running' && decision === 'hold';
    const signal = AbortSignal.any([disconnected, this.life.stopping]);
    const waiting = { waitMs: waitMsOf(wait) ?? 0, isKnown: (run: Run) => isOpen(render(run)) };
    const answer = render(await this.awaitVerdict.execute(id, waiting, signal));
    reply.header('cache-control', 'no-store');
    if (pending === '503' && isOpen(answer)) reply.status(503).header('retry-after', String(answer.next_check_s));
    return answer;
  }
}

function requestOf({ template, service, arguments: values, canary, stable, weight, labels }: ArgoLookDto) {
  return {
    template,
    arguments: { ...(service !== undefined && { service }), ...values },
    baseline: stable ?? null,
    canary,
    weight: weight ?? null,
    labels: labels ?? {},
    from: null,
    to: null,
  };
}

/** Everything that stays the same from one measurement to the next; the weight may change on the way. */
function keyOf({ key, ...body }: ArgoLookDto): string {
  const { template, arguments: values, baseline, canary } = requestOf(body);
  const parts = [template, Object.entries(values).sort(), baseline, canary, key ?? null];
  return `argo ${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

/** Does asking again mean a new analysis? */
export function isOver({ finishedAt, verdict }: Pick<Run, 'finishedAt' | 'verdict'>, now: Date, keepForMs = 0): boolean {
  if (finishedAt === null) return false;
  return now.getTime() - finishedAt.getTime() > Math.max(keepForMs, verdict?.decision === 'promote' ? promotedForMs : refusedForMs);
}
