import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { IsMoment } from '../edge/moment.decorator.js';
import { IsTextMap } from '../edge/text-map.decorator.js';

const cohortSchema = {
  oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: { type: 'string' } }],
  example: '1.4.2',
};

/** For people who write 5 or "5%". */
export const shareNotPercent = {
  message: ({ property }: { property: string }) => `${property} must be a number above 0 and at most 1`,
  context: { repair: 'write a share above 0 and up to 1: 5 % is 0.05' },
};

/** What to judge, and by which template. */
export class StartRunDto {
  /** name, or `name@sha256:…` to pin the text */
  @ApiProperty({ example: 'http-service' })
  @Length(1, 300)
  @IsString()
  template: string;

  /** values for the template's arguments */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { service: 'checkout' } })
  @IsOptional()
  @IsTextMap({ entries: 32, letters: 1024, scalars: true })
  arguments?: Readonly<Record<string, string | number | boolean>>;

  /** a value of the template's `cohorts.by`, or a map of attributes to values; may be left out where the template's baseline is earlier */
  @ApiPropertyOptional({ ...cohortSchema, nullable: true })
  @IsOptional()
  @IsTextMap({ entries: 10, letters: 256, orText: true })
  baseline?: string | Readonly<Record<string, string>> | null;

  /** as `baseline`; this or `canaries` */
  @ApiPropertyOptional({ ...cohortSchema, example: '1.5.0' })
  @IsOptional()
  @IsTextMap({ entries: 10, letters: 256, orText: true })
  canary?: string | Readonly<Record<string, string>>;

  /** variants of one experiment: a run for each against the same baseline, judged as a group */
  @ApiPropertyOptional({ type: 'array', items: { oneOf: cohortSchema.oneOf }, minItems: 2, maxItems: 20 })
  @IsOptional()
  @IsTextMap({ entries: 10, letters: 256, orText: true, each: true })
  @ArrayMaxSize(20)
  @ArrayMinSize(2)
  @IsArray()
  canaries?: readonly (string | Readonly<Record<string, string>>)[];

  /** share of the traffic that the canary gets, in (0, 1]: 5 % is 0.05 */
  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 0, maximum: 1, exclusiveMinimum: true, example: 0.05 })
  @IsOptional()
  @Min(Number.MIN_VALUE, shareNotPercent)
  @Max(1, shareNotPercent)
  @IsNumber({}, shareNotPercent)
  weight?: number | null;

  /** anything of yours, to find the run by */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, example: { pipeline: '4711' } })
  @IsOptional()
  @IsTextMap({ entries: 32, letters: 256 })
  labels?: Readonly<Record<string, string>>;

  /** start of the stretch to judge; with `to` the past is judged as fast as it can be read */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @IsMoment()
  from?: string | null;

  /** end of a stretch in the past */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @IsMoment()
  to?: string | null;
}
