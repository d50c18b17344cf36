import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { allows, SETTINGS, type Settings, version } from '../../config/index.js';
import { type Caller, WhoAsks } from '../access/caller.js';
import { Public } from '../access/scope.decorator.js';
import { AliveDto, ReadinessDto } from './health.dto.js';
import { IndexDto } from './index.dto.js';
import { Readiness } from './readiness.js';

/** Is it alive, should it be asked, and where to begin. */
@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Where to go from here. */
  @Get()
  @Public()
  index(): IndexDto {
    const at = (path: string): string => `${this.settings.publicUrl}${path}`;
    return {
      name: 'assay',
      version,
      links: {
        runs: at('/v1/runs'),
        templates: at('/v1/templates'),
        endpoints: at('/v1/endpoints'),
        deliveries: at('/v1/deliveries'),
        docs: at('/docs'),
        openapi: at('/openapi.json'),
        health: at('/healthz'),
        readiness: at('/readyz'),
      },
    };
  }

  /** The process runs and its event loop turns. Says nothing of the store or of sources: a restart would not mend them. */
  @Get('healthz')
  @Public()
  healthz(): AliveDto {
    return { status: 'ok', version };
  }

  /** 200: send requests here; 503: do not, and why. */
  @Get('readyz')
  @Public()
  @ApiServiceUnavailableResponse({ type: ReadinessDto })
  async readyz(@WhoAsks() caller: Caller | null, @Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessDto> {
    const readiness = await this.readiness.now(new Date(), caller !== null && allows(caller.scopes, 'viewer'));
    reply.header('cache-control', 'no-store');
    if (readiness.status !== 'ready') reply.status(503).header('retry-after', '5');
    return readiness;
  }
}
