import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { JsonFields } from '../../../templates/index.js';
import { CallerName } from '../../access/caller.js';
import { Scope } from '../../access/scope.decorator.js';
import { IdPipe } from '../../edge/id.pipe.js';
import { callerOf } from './caller-of-query.js';
import { CanaryConfigs } from './canary-configs.js';
import { KayentaRoutes } from './kayenta-routes.decorator.js';
import { StandaloneAnalyses } from './standalone-analyses.js';
import { type AnalysisAnswer } from './standalone-on-wire.js';

type Asked = Readonly<Record<string, unknown>>;

/** Kayenta's standalone analyses, for Referee, Azure's gate and Jenkins jobs. */
@KayentaRoutes('standalone_canary_analysis')
export class StandaloneController {
  constructor(
    private readonly configs: CanaryConfigs,
    private readonly analyses: StandaloneAnalyses,
  ) {}

  /** With a config that comes along: it brings its own queries, so it takes an author. */
  @Post()
  @HttpCode(200)
  @Scope('author')
  async startAdHoc(@Body() body: unknown, @Query() query: Asked, @CallerName() user: string): Promise<object> {
    const fields = new JsonFields(body, '', []);
    const caller = { ...callerOf(query, ''), user };
    const [config, request] = [fields.raw('canaryConfig'), fields.raw('executionRequest')];
    return { canaryAnalysisExecutionId: await this.analyses.start(config, request, caller, new Date()) };
  }

  @Post(':id')
  @HttpCode(200)
  @Scope('deployer')
  async startStored(
    @Param('id', IdPipe) id: string,
    @Body() body: unknown,
    @Query() query: Asked,
    @CallerName() user: string,
  ): Promise<object> {
    const caller = { ...callerOf(query, id), user };
    return { canaryAnalysisExecutionId: await this.analyses.start(await this.configs.get(id), body, caller, new Date()) };
  }

  /** Also starts the interval that is due: so it needs to be asked, as its clients do. */
  @Get(':id')
  @Scope('viewer')
  get(@Param('id', IdPipe) id: string): Promise<AnalysisAnswer> {
    return this.analyses.get(id, new Date());
  }
}
