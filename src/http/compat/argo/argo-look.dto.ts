import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsNumber, IsOptional, IsString, Length, Max, Min, ValidateBy } from 'class-validator';
import { parseDuration } from '../../../templates/index.js';
import { IsTextMap } from '../../edge/text-map.decorator.js';
import { shareNotPercent } from '../../runs/start-run.dto.js';
import { waitMsOf, waitRule } from '../../runs/wait.js';

const Wait = (): PropertyDecorator =>
  ValidateBy({ name: 'isWait', validator: { validate: (text) => waitMsOf(text) !== null, defaultMessage: () => waitRule } });

const longestKept = 86_400;

/** Milliseconds; null: not such a duration. */
export function keepForMsOf(text: unknown): number | null {
  const seconds = typeof text === 'string' ? parseDuration(text) : null;
  return seconds === null || !(seconds > 0) || seconds > longestKept ? null : seconds * 1000;
}

/** How an answer is wanted. */
export class ArgoQuery {
  /** up to `25s`: answer when there is a decision, or when the time is over; keep it below the metric's `timeoutSeconds` */
  @ApiPropertyOptional({ example: '15s' })
  @IsOptional()
  @Wait()
  @IsString()
  wait?: string;

  /** `503`: an undecided look is an error, which Argo repeats without counting it */
  @ApiPropertyOptional({ enum: ['503'] })
  @IsOptional()
  @IsIn(['503'])
  pending?: '503';
}

/** What is rolled out, as an AnalysisTemplate says it: the same in every measurement of one analysis. */
export class ArgoLookDto {
  /** name, or `name@sha256:…` to pin the text */
  @ApiProperty({ example: 'http-service' })
  @Length(1, 300)
  @IsString()
  template: string;

  /** short for `arguments: { service }` */
  @ApiPropertyOptional({ example: 'checkout' })
  @IsOptional()
  @Length(1, 1024)
  @IsString()
  service?: string;

  /** values for the template's arguments */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @IsOptional()
  @IsTextMap({ entries: 32, letters: 1024, scalars: true })
  arguments?: Readonly<Record<string, string | number | boolean>>;

  /** value of the template's `cohorts.by`: the pod template hash or the version of the canary */
  @ApiProperty({ example: '6d5f7c9b8' })
  @Length(1, 256)
  @IsString()
  canary: string;

  /** the same of the stable pods; may be left out where the template's baseline is earlier */
  @ApiPropertyOptional({ example: '5b8d4f7c6' })
  @IsOptional()
  @Length(1, 256)
  @IsString()
  stable?: string;

  /** share of the canary in (0, 1]; as text too, as Argo's arguments are. The answer is then about this step */
  @ApiPropertyOptional({ type: Number, example: 0.2 })
  @Transform(({ value }) => (typeof value === 'string' && /^[\d.]{1,20}$/.test(value) ? Number(value) : value))
  @IsOptional()
  @Min(Number.MIN_VALUE, shareNotPercent)
  @Max(1, shareNotPercent)
  @IsNumber({}, shareNotPercent)
  weight?: number;

  /** tells analyses of the same pods apart: each key has a run of its own */
  @ApiPropertyOptional({ example: 'step-2' })
  @IsOptional()
  @Length(1, 200)
  @IsString()
  key?: string;

  /** how long the decision of a run that has ended answers, at most `24h`: for tools that ask less often than every two minutes. Give a `key` with it */
  @ApiPropertyOptional({ example: '15m' })
  @IsOptional()
  @ValidateBy({
    name: 'isKeepFor',
    validator: {
      validate: (text) => keepForMsOf(text) !== null,
      defaultMessage: () => 'keepFor must be a duration such as 15m, at most 24h',
    },
  })
  @IsString()
  keepFor?: string;

  /** anything of yours, to find the run by */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @IsOptional()
  @IsTextMap({ entries: 32, letters: 256 })
  labels?: Readonly<Record<string, string>>;

  /** as in the query */
  @ApiPropertyOptional({ example: '15s' })
  @IsOptional()
  @Wait()
  @IsString()
  wait?: string;

  /** as in the query */
  @ApiPropertyOptional({ enum: ['503'] })
  @IsOptional()
  @IsIn(['503'])
  pending?: '503';
}
