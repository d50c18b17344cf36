import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { type ArgumentSpec, type HarmDirection, type Metric, type Role, type Schedule, type SourceKind } from '../../domain/index.js';
import { limits } from '../edge/limits.js';
import { IssueDto } from '../edge/problem.dto.js';
import { AssumedTrafficDto, ForecastDto } from './forecast.dto.js';

/** A typed value that a run passes. */
export class ArgumentDto {
  name: string;
  @ApiProperty({ enum: ['string', 'number', 'integer', 'boolean', 'duration'] })
  type: ArgumentSpec['type'];
  required: boolean;
  default: string | null;
  description: string | null;
}

/** One thing that is measured. */
export class TemplateMetricDto {
  name: string;
  title: string | null;
  @ApiProperty({ enum: ['proportion', 'percentiles', 'rate', 'mean', 'gauge'] })
  kind: Metric['kind'];
  @ApiProperty({ enum: ['critical', 'weighted', 'informational'] })
  role: Role;
  @ApiProperty({ enum: ['traces', 'metrics', 'logs', 'prometheus'] })
  source: SourceKind;
  @ApiProperty({ enum: ['increase', 'decrease', 'either'] })
  harm: HarmDirection;
  unit: string;
}

/** Lengths in seconds. */
export class ScheduleDto {
  windowSeconds: number;
  latenessSeconds: number;
  warmupSeconds: number;
  minDurationSeconds: number;
  @ApiProperty({ type: 'integer' })
  minSamples: number;
  deadlineSeconds: number;
  @ApiProperty({ enum: ['hold', 'rollback', 'promote-if-bounded'] })
  onDeadline: Schedule['onDeadline'];
}

/** A template of the catalogue. */
export class TemplateDto {
  name: string;
  title: string | null;
  description: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  labels: Readonly<Record<string, string>>;
  /** of the text; a run is pinned to it */
  hash: string;
  /** the attribute or label that tells baseline and canary apart */
  cohortsBy: string;
  arguments: ArgumentDto[];
  schedule: ScheduleDto;
  metrics: TemplateMetricDto[];
}

/** A template with its text. */
export class TemplateTextDto extends TemplateDto {
  /** YAML, as the author wrote it */
  text: string;
}

/** A file of the templates' folder that was not taken over. */
export class TemplateProblemDto {
  file: string;
  issues: IssueDto[];
}

export class TemplateListDto {
  templates: TemplateDto[];
  /** files with mistakes; where there is a good version from before, that one still counts */
  problems: TemplateProblemDto[];
}

/** A template to check; `text/yaml` bodies are taken as well. */
export class LintDto {
  @ApiPropertyOptional({ maxLength: limits.templateBytes })
  @IsOptional()
  @MaxLength(limits.templateBytes)
  @IsString()
  text?: string;
  /** adds a forecast of how long verdicts would take; those after the deadline are warnings */
  @ApiPropertyOptional()
  traffic?: AssumedTrafficDto;
}

/** What the linter says. */
export class LintedDto {
  /** no errors; there may be warnings */
  valid: boolean;
  name: string | null;
  /** content hash, where it is valid */
  hash: string | null;
  issues: IssueDto[];
  /** null where no traffic was assumed, or the template is not valid */
  @ApiProperty({ type: ForecastDto, nullable: true })
  forecast: ForecastDto | null;
}
