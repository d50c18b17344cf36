import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Delivery, DeliveryStore } from '../../storage/index.js';
import { Scope } from '../access/scope.decorator.js';
import { IdPipe } from '../edge/id.pipe.js';
import { limits } from '../edge/limits.js';
import { DeliveryDto, DeliveryListDto, ListDeliveriesQuery } from './delivery.dto.js';

/** The delivery log: what was sent where, what came back, and sending it again. */
@ApiTags('deliveries')
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveryStore) {}

  @Get()
  @Scope('viewer')
  async list(@Query() { limit = limits.pageSize, cursor, endpoint, run, state }: ListDeliveriesQuery): Promise<DeliveryListDto> {
    const page = await this.deliveries.list({ limit, cursor: cursor ?? null, endpointId: endpoint, runId: run, state });
    return { deliveries: page.deliveries.map(deliveryOnWire), next: page.next };
  }

  @Get(':id')
  @Scope('viewer')
  async get(@Param('id', IdPipe) id: string): Promise<DeliveryDto> {
    return deliveryOnWire(await this.deliveries.get(id));
  }

  /** Sends the same event, same id and same bytes, once more. */
  @Post(':id/replay')
  @HttpCode(202)
  @Scope('admin')
  async replay(@Param('id', IdPipe) id: string): Promise<DeliveryDto> {
    return deliveryOnWire(await this.deliveries.replay(id, new Date()));
  }
}

function deliveryOnWire(delivery: Delivery): DeliveryDto {
  const { id, eventId, eventType, endpointId, runId, state, dueAt, attempts, replayOf, createdAt, finishedAt } = delivery;
  return {
    id,
    event: eventId,
    type: eventType,
    endpoint: endpointId,
    run: runId,
    state,
    nextAttemptAt: state === 'pending' ? dueAt.toISOString() : null,
    attempts: attempts.map(({ at, ...attempt }) => ({ ...attempt, at: at.toISOString() })),
    replayOf,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
