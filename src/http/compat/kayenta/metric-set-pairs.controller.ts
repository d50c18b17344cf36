import { Get, Param } from '@nestjs/common';
import { NotFoundError } from '../../../domain/index.js';
import { LookStore } from '../../../storage/index.js';
import { Scope } from '../../access/scope.decorator.js';
import { IdPipe } from '../../edge/id.pipe.js';
import { ExecutionMemory } from './execution-memory.js';
import { KayentaRoutes } from './kayenta-routes.decorator.js';
import { type MetricSetPair, metricSetPairs } from './metric-set-pairs.js';

/** The points that were judged, as Deck draws them. The id is that of the execution. */
@KayentaRoutes('metricSetPairList')
export class MetricSetPairsController {
  constructor(
    private readonly memory: ExecutionMemory,
    private readonly looks: LookStore,
  ) {}

  @Get(':id')
  @Scope('viewer')
  async list(@Param('id', IdPipe) id: string): Promise<MetricSetPair[]> {
    const { run } = await this.memory.get(id);
    return metricSetPairs(run, await this.looks.measured(id));
  }

  @Get(':id/:pair')
  @Scope('viewer')
  async get(@Param('id', IdPipe) id: string, @Param('pair', IdPipe) pair: string): Promise<MetricSetPair> {
    const found = (await this.list(id)).find((each) => each.id === pair);
    if (!found) throw new NotFoundError(`the execution has no metric set pair '${pair}'`);
    return found;
  }
}
