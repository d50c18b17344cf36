import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiExtraModels, ApiHeader, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { StartRun, type StartRunRequest, VariantGroups } from '../../analysis/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InvalidRequestError } from '../../domain/index.js';
import { LookStore, RunStore } from '../../storage/index.js';
import { Scope } from '../access/scope.decorator.js';
import { IdPipe } from '../edge/id.pipe.js';
import { IdempotencyKey } from '../edge/idempotency-key.decorator.js';
import { limits } from '../edge/limits.js';
import { StartedGroupDto } from '../groups/group.dto.js';
import { startedGroupOnWire } from '../groups/group-on-wire.js';
import { LookListDto, RunDto, RunListDto, StartedRunDto } from './run.dto.js';
import { ListLooksQuery, ListRunsQuery } from './run-queries.dto.js';
import { StartRunDto } from './start-run.dto.js';
import { lookOnWire, runOnWire, startedOnWire } from './wire.js';

/** Runs: start them, find them, read how they were judged. */
@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly startRun: StartRun,
    private readonly groups: VariantGroups,
    private readonly runs: RunStore,
    private readonly looks: LookStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Starts a run, or returns the one that exists under this idempotency key or for the same open rollout. With `canaries` a group of runs. */
  @Post()
  @HttpCode(202)
  @Scope('deployer')
  @ApiExtraModels(StartedRunDto, StartedGroupDto)
  @ApiAcceptedResponse({ schema: { oneOf: [{ $ref: getSchemaPath(StartedRunDto) }, { $ref: getSchemaPath(StartedGroupDto) }] } })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'the same key asks for the same run' })
  async start(@Body() body: StartRunDto, @IdempotencyKey() idempotencyKey: string | null): Promise<StartedRunDto | StartedGroupDto> {
    const [canary, canaries] = [body.canary ?? null, body.canaries ?? null];
    if ((canary === null) === (canaries === null)) throw new InvalidRequestError('give `canary`, or `canaries` for a group of variants');
    const request = requestOf(body, idempotencyKey);
    if (canary === null) {
      const { group, created } = await this.groups.start({ ...request, canaries: canaries ?? [] }, new Date());
      return startedGroupOnWire(group, created, this.settings.publicUrl);
    }
    const { run, created } = await this.startRun.execute({ ...request, canary }, new Date());
    return startedOnWire(run, created, this.settings.publicUrl);
  }

  /** Runs, newest first. */
  @Get()
  @Scope('viewer')
  async list(@Query() { limit = limits.pageSize, cursor, state, template, label = [] }: ListRunsQuery): Promise<RunListDto> {
    const labels = Object.fromEntries(label.map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]));
    const page = await this.runs.list({ limit, cursor: cursor ?? null, state, template, labels });
    return { runs: page.runs.map((run) => runOnWire(run, this.settings.publicUrl)), next: page.next };
  }

  /** One run with its newest evidence. */
  @Get(':id')
  @Scope('viewer')
  async get(@Param('id', IdPipe) id: string): Promise<RunDto> {
    return runOnWire(await this.runs.get(id), this.settings.publicUrl);
  }

  /** Every decision on the way, in its order. */
  @Get(':id/looks')
  @Scope('viewer')
  async history(@Param('id', IdPipe) id: string, @Query() { limit = limits.pageSize, after = 0 }: ListLooksQuery): Promise<LookListDto> {
    await this.runs.get(id);
    const looks = await this.looks.looks(id, { limit, after });
    return { looks: looks.map(lookOnWire), next: looks.length < limit ? null : (looks.at(-1)?.sequence ?? null) };
  }
}

function requestOf(body: StartRunDto, idempotencyKey: string | null): Omit<StartRunRequest, 'canary'> {
  return {
    template: body.template,
    arguments: body.arguments ?? {},
    baseline: body.baseline ?? null,
    weight: body.weight ?? null,
    labels: body.labels ?? {},
    idempotencyKey,
    from: dateOf(body.from),
    to: dateOf(body.to),
  };
}

const dateOf = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);
