import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min, ValidateBy } from 'class-validator';
import { type RunState } from '../../domain/index.js';
import { limits } from '../edge/limits.js';
import { waitMsOf, waitRule } from './wait.js';

const states: readonly RunState[] = ['running', 'finished', 'cancelled'];

/** Query texts become numbers only where they are plain digits; anything else fails its check. */
export const Digits = (): PropertyDecorator =>
  Transform(({ value }) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value));

/** Which runs to show. */
export class ListRunsQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: limits.largestPage, default: limits.pageSize })
  @IsOptional()
  @Digits()
  @Min(1)
  @Max(limits.largestPage)
  @IsInt()
  limit?: number;

  /** `next` of the page before */
  @ApiPropertyOptional()
  @IsOptional()
  @Length(1, 200)
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({ enum: states })
  @IsOptional()
  @IsIn(states)
  state?: RunState;

  /** name of the template */
  @ApiPropertyOptional()
  @IsOptional()
  @Length(1, 300)
  @IsString()
  template?: string;

  /** `name:value`; give it more than once to ask for all of them */
  @ApiPropertyOptional({ type: [String], example: ['pipeline:4711'] })
  @IsOptional()
  @Transform(({ value }) => (value === undefined ? value : [value].flat()))
  @ArrayMaxSize(10)
  @Matches(/^[^:]{1,200}:[\s\S]{0,256}$/, { each: true, message: 'label has to be name:value' })
  label?: string[];
}

/** Which looks of a run to show. */
export class ListLooksQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: limits.largestPage, default: limits.pageSize })
  @IsOptional()
  @Digits()
  @Min(1)
  @Max(limits.largestPage)
  @IsInt()
  limit?: number;

  /** `next` of the page before: looks after this one */
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  @IsOptional()
  @Digits()
  @Min(0)
  @IsInt()
  after?: number;
}

/** Whether to wait for news. */
export class VerdictQuery {
  /** up to `25s`: answer when the verdict changes, or when the time is over */
  @ApiPropertyOptional({ example: '25s' })
  @IsOptional()
  @ValidateBy({ name: 'isWait', validator: { validate: (text) => waitMsOf(text) !== null, defaultMessage: () => waitRule } })
  @IsString()
  wait?: string;
}
