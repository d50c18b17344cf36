import { Body, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ChangeRun } from '../../../analysis/index.js';
import { ConflictError } from '../../../domain/index.js';
import { judgeNames } from '../../../templates/index.js';
import { CallerName } from '../../access/caller.js';
import { Scope } from '../../access/scope.decorator.js';
import { IdPipe } from '../../edge/id.pipe.js';
import { ExecutionMemory } from './execution-memory.js';
import { type JudgeResult } from './judge-result.js';
import { KayentaRoutes } from './kayenta-routes.decorator.js';
import { judgeRemotely } from './remote-judge.js';

/** What Kayenta's clients ask besides configs and executions. */
@KayentaRoutes('')
export class KayentaToolsController {
  constructor(
    private readonly memory: ExecutionMemory,
    private readonly change: ChangeRun,
  ) {}

  /** Assay has one Prometheus and one store, whatever accounts are called. */
  @Get('credentials')
  @Scope('viewer')
  credentials(): object[] {
    return [
      { name: 'assay', type: 'prometheus', supportedTypes: ['METRICS_STORE'], metadata: {} },
      { name: 'assay-store', type: 'sql', supportedTypes: ['CONFIGURATION_STORE', 'OBJECT_STORE'], metadata: {} },
    ];
  }

  @Get('judges')
  @Scope('viewer')
  judges(): object[] {
    return Object.values(judgeNames).map((name) => ({ name, visible: true }));
  }

  /** A cancelled run is never a success. One that has ended stays as it ended. */
  @Put('pipelines/:id/cancel')
  @HttpCode(200)
  @Scope('deployer')
  async cancel(@Param('id', IdPipe) id: string, @CallerName() caller: string): Promise<{ id: string; canceled: boolean }> {
    await this.memory.get(id);
    try {
      await this.change.cancel(id, { reason: 'cancelled through the Kayenta API', actor: caller }, new Date());
      return { id, canceled: true };
    } catch (error) {
      if (error instanceof ConflictError) return { id, canceled: false };
      throw error;
    }
  }

  /** Kayenta's RemoteJudge: points in, classifications and score out. Nothing is kept. */
  @Post('judge')
  @HttpCode(200)
  @Scope('viewer')
  judge(@Body() body: unknown): JudgeResult {
    return judgeRemotely(body);
  }
}
