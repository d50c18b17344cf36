import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type RoutingRules } from '../../domain/index.js';
import { Endpoints } from '../../notifications/index.js';
import { type Endpoint } from '../../storage/index.js';
import { Scope } from '../access/scope.decorator.js';
import { IdPipe } from '../edge/id.pipe.js';
import {
  CreateEndpointDto,
  EndpointDto,
  EndpointListDto,
  ResendDto,
  ResentDto,
  RoutingRulesDto,
  TestedEndpointDto,
} from './endpoint.dto.js';

/** Where events are sent. Only for admins: an endpoint decides who learns about verdicts. */
@ApiTags('deliveries')
@Controller('v1/endpoints')
@Scope('admin')
export class EndpointsController {
  constructor(private readonly endpoints: Endpoints) {}

  @Get()
  async list(): Promise<EndpointListDto> {
    return { endpoints: (await this.endpoints.list()).map(endpointOnWire) };
  }

  /** Everything that is wrong with it is named at once. */
  @Post()
  async create(@Body() draft: CreateEndpointDto): Promise<EndpointDto> {
    return endpointOnWire(await this.endpoints.create(draft, new Date()));
  }

  @Get(':id')
  async get(@Param('id', IdPipe) id: string): Promise<EndpointDto> {
    return endpointOnWire(await this.endpoints.get(id));
  }

  /** Sends to it again, after it was disabled because its receiver said that it is gone. */
  @Post(':id/enable')
  @HttpCode(200)
  async enable(@Param('id', IdPipe) id: string): Promise<EndpointDto> {
    return endpointOnWire(await this.endpoints.enable(id));
  }

  /** Sends it a harmless event of type `endpoint.test`; the delivery's log says what came of it. */
  @Post(':id/test')
  @HttpCode(202)
  async test(@Param('id', IdPipe) id: string): Promise<TestedEndpointDto> {
    return { delivery: await this.endpoints.test(id, new Date()) };
  }

  /** Sends it what it wants of a stretch of time and was not told: what was given up, and what happened while it was disabled. */
  @Post(':id/resend')
  @HttpCode(202)
  async resend(@Param('id', IdPipe) id: string, @Body() { from, to }: ResendDto): Promise<ResentDto> {
    const now = new Date();
    return this.endpoints.resend(id, { from: new Date(from), to: to === undefined ? now : new Date(to) }, now);
  }

  /** Nothing more is sent to it; its delivery log stays. */
  @Delete(':id')
  @HttpCode(204)
  async delete(@Param('id', IdPipe) id: string): Promise<void> {
    await this.endpoints.delete(id, new Date());
  }
}

const rulesOnWire = ({ decisions, services, templates }: RoutingRules): RoutingRulesDto => ({
  ...(decisions && { decisions: [...decisions] }),
  ...(services && { services: [...services] }),
  ...(templates && { templates: [...templates] }),
});

function endpointOnWire({ failingSince, createdAt, events, options, rules, ...endpoint }: Endpoint): EndpointDto {
  const { id, channel, url, urlRef, secretRef, description, enabled, disabledReason } = endpoint;
  return {
    id,
    channel,
    url,
    urlRef,
    secretRef,
    events: [...events],
    options,
    rules: rulesOnWire(rules),
    description,
    enabled,
    disabledReason,
    failingSince: failingSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
