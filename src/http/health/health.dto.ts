import { ApiProperty } from '@nestjs/swagger';
import { TemplateProblemDto } from '../templates/template.dto.js';

export class AliveDto {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
  version: string;
}

/** Pushed telemetry: how far it is complete. */
export class IngestStateDto {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  closedThrough: string | null;
  lagSeconds: number | null;
}

/** Something this server needs or uses. */
export class DependencyDto {
  name: string;
  @ApiProperty({ enum: ['ok', 'failing'] })
  status: 'ok' | 'failing';
  /** why, where it is failing */
  detail: string | null;
}

/** Whether requests should be sent here. Sources may fail without that: their runs hold and say why. */
export class ReadinessDto {
  @ApiProperty({ enum: ['ready', 'not-ready'] })
  status: 'ready' | 'not-ready';
  /** why not; null when ready */
  reason: string | null;
  roles: string[];
  store: DependencyDto;
  /** only for callers who may read */
  sources: DependencyDto[];
  ingest: IngestStateDto | null;
  @ApiProperty({ type: 'integer' })
  templates: number;
  @ApiProperty({ type: 'integer' })
  templatesWithMistakes: number;
  /** only for callers who may read */
  templateProblems: TemplateProblemDto[];
}
