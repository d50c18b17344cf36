import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { type Decision } from '../../domain/index.js';
import { shareNotPercent } from './start-run.dto.js';

const decisions: readonly Decision[] = ['promote', 'hold', 'rollback'];

/** The canary has another share of the traffic from now on. */
export class ChangePhaseDto {
  /** share of the traffic in (0, 1] */
  @ApiProperty({ minimum: 0, maximum: 1, exclusiveMinimum: true, example: 0.2 })
  @Min(Number.MIN_VALUE, shareNotPercent)
  @Max(1, shareNotPercent)
  @IsNumber({}, shareNotPercent)
  weight: number;

  /** index of the template's phase; without it the phase that this weight belongs to */
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  @IsOptional()
  @Min(0)
  @IsInt()
  phase?: number;
}

/** Why a run is stopped, and by whom. */
export class CancelRunDto {
  @ApiPropertyOptional({ example: 'the rollout was withdrawn' })
  @IsOptional()
  @Length(1, 500)
  @IsString()
  reason?: string;

  /** who; without it the name of the token */
  @IsOptional()
  @Length(1, 200)
  @IsString()
  actor?: string;
}

/** A person decides, and stands for it. */
export class OverrideRunDto {
  @ApiProperty({ enum: decisions })
  @IsIn(decisions)
  decision: Decision;

  @ApiProperty({ example: 'known noise from the load test, agreed with the on-call engineer' })
  @Length(1, 500)
  @IsString()
  reason: string;

  /** who decided */
  @ApiProperty({ example: 'kim@example.com' })
  @Length(1, 200)
  @IsString()
  actor: string;
}
