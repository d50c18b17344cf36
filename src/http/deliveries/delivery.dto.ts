import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { type EventType } from '../../domain/index.js';
import { type DeliveryState } from '../../storage/index.js';
import { limits } from '../edge/limits.js';
import { Digits } from '../runs/run-queries.dto.js';

const states: readonly DeliveryState[] = ['pending', 'delivered', 'dead'];

/** Which deliveries to show. */
export class ListDeliveriesQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: limits.largestPage, default: limits.pageSize })
  @IsOptional()
  @Digits()
  @Min(1)
  @Max(limits.largestPage)
  @IsInt()
  limit?: number;

  /** `next` of the page before */
  @IsOptional()
  @Length(1, 200)
  @IsString()
  cursor?: string;

  /** id of an endpoint */
  @IsOptional()
  @Length(1, 64)
  @IsString()
  endpoint?: string;

  /** id of a run */
  @IsOptional()
  @Length(1, 64)
  @IsString()
  run?: string;

  @ApiPropertyOptional({ enum: states })
  @IsOptional()
  @IsIn(states)
  state?: DeliveryState;
}

/** One try to send it. */
export class AttemptDto {
  /** from 1 */
  @ApiProperty({ type: 'integer' })
  number: number;
  @ApiProperty({ format: 'date-time' })
  at: string;
  /** what the receiver answered; null: nothing */
  @ApiProperty({ type: 'integer', nullable: true })
  status: number | null;
  durationMs: number;
  error: string | null;
  /** beginning of the receiver's answer */
  snippet: string | null;
}

/** One event on its way to one endpoint. */
export class DeliveryDto {
  id: string;
  /** the same for every attempt and replay: receivers recognise repetitions by it */
  event: string;
  @ApiProperty({ enum: ['run.started', 'verdict.changed', 'verdict.final'] })
  type: EventType;
  endpoint: string;
  run: string;
  /** pending: will be tried (again); dead: given up, can be replayed */
  @ApiProperty({ enum: states })
  state: DeliveryState;
  /** when it is tried next; null: not any more */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextAttemptAt: string | null;
  attempts: AttemptDto[];
  /** the delivery that this one repeats */
  replayOf: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
}

/** A page of deliveries, newest first. */
export class DeliveryListDto {
  deliveries: DeliveryDto[];
  /** give it as `cursor` for the next page; null: this was the last */
  next: string | null;
}
