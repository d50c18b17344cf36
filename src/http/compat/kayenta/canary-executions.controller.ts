import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/index.js';
import { ForeignDocumentStore } from '../../../storage/index.js';
import { JsonFields, refuseProblems } from '../../../templates/index.js';
import { Scope } from '../../access/scope.decorator.js';
import { IdPipe } from '../../edge/id.pipe.js';
import { callerOf } from './caller-of-query.js';
import { CanaryConfigs } from './canary-configs.js';
import { type Execution, type ExecutionCaller, executionCollection } from './execution.js';
import { ExecutionMemory } from './execution-memory.js';
import { type ExecutionAnswer, executionOnWire } from './execution-on-wire.js';
import { KayentaRoutes } from './kayenta-routes.decorator.js';
import { StartExecution } from './start-execution.js';

type Asked = Readonly<Record<string, unknown>>;

/** Kayenta's executions: Argo and Orca start one, and ask for it until it is complete. */
@KayentaRoutes('canary')
export class CanaryExecutionsController {
  constructor(
    private readonly configs: CanaryConfigs,
    private readonly startExecution: StartExecution,
    private readonly memory: ExecutionMemory,
    private readonly documents: ForeignDocumentStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** With a config that comes along: it brings its own queries, so it takes an author. */
  @Post()
  @HttpCode(200)
  @Scope('author')
  async startAdHoc(@Body() body: unknown, @Query() query: Asked): Promise<{ canaryExecutionId: string }> {
    const fields = fieldsOf(body);
    const caller = { ...callerOf(query, ''), application: 'ad-hoc' };
    return this.start(fields.raw('canaryConfig'), fields.raw('executionRequest'), caller);
  }

  /** 200 and nothing else: Argo takes any other status for an error. */
  @Post(':id')
  @HttpCode(200)
  @Scope('deployer')
  async startStored(@Param('id', IdPipe) id: string, @Body() body: unknown, @Query() query: Asked): Promise<{ canaryExecutionId: string }> {
    return this.start(await this.configs.get(id), body, callerOf(query, id));
  }

  /** Executions of an application, newest first. */
  @Get('executions')
  @Scope('viewer')
  async list(@Query() query: Asked): Promise<ExecutionAnswer[]> {
    const fields = fieldsOf(query);
    const [limit, page, application] = [fields.number('limit') ?? 20, fields.number('page') ?? 1, fields.text('application')];
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100)) fields.wrong('limit', 'a whole number from 1 to 100');
    if (!(Number.isInteger(page) && page >= 1 && page <= 1000)) fields.wrong('page', 'a whole number from 1 to 1000');
    const statuses = fields.text('statuses').toLowerCase().split(',').filter(Boolean);
    refuseProblems(fields.problems);
    const label = application === '' ? undefined : application;
    const found = await this.documents.list<Execution>(executionCollection, { limit, skip: (page - 1) * limit, label });
    const answers = await Promise.all(found.map(({ id }) => this.answer(id)));
    return answers.filter(({ status }) => statuses.length === 0 || statuses.includes(status));
  }

  @Get(':id')
  @Scope('viewer')
  get(@Param('id', IdPipe) id: string): Promise<ExecutionAnswer> {
    return this.answer(id);
  }

  private async start(config: unknown, request: unknown, caller: ExecutionCaller): Promise<{ canaryExecutionId: string }> {
    return { canaryExecutionId: await this.startExecution.execute(config, request, caller, new Date()) };
  }

  private async answer(id: string): Promise<ExecutionAnswer> {
    const { run, execution } = await this.memory.get(id);
    return executionOnWire(run, execution, this.settings.publicUrl);
  }
}

const fieldsOf = (value: unknown): JsonFields => new JsonFields(value, '', []);
