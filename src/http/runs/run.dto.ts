import { ApiProperty } from '@nestjs/swagger';
import { type Decision, type ReasonCode, type RunMode, type RunState } from '../../domain/index.js';
import { GuardDto, MetricDto, PhaseDto, VerdictDto } from './verdict.dto.js';

/** Where to go from a run. */
export class RunLinksDto {
  self: string;
  verdict: string;
  /** server-sent events */
  events: string;
  looks: string;
}

/** The run that was started, or that was there already. */
export class StartedRunDto {
  id: string;
  @ApiProperty({ enum: ['running', 'finished', 'cancelled'] })
  state: RunState;
  /** false: it was there already, under this key or for the same rollout */
  created: boolean;
  links: RunLinksDto;
}

/** One condition on an attribute or label. */
export class MatcherDto {
  attribute: string;
  @ApiProperty({ enum: ['=', '!=', '=~', '!~'] })
  operator: string;
  value: string;
}

/** One side of the comparison. */
export class SideDto {
  /** what the caller called it */
  name: string;
  matchers: MatcherDto[];
}

/** From this moment the canary has this declared weight. */
export class PhaseChangeDto extends PhaseDto {
  @ApiProperty({ format: 'date-time' })
  at: string;
}

/** One template, its arguments, a baseline and a canary, with everything known about it. */
export class RunDto {
  id: string;
  @ApiProperty({ enum: ['live', 'retrospective'] })
  mode: RunMode;
  @ApiProperty({ enum: ['running', 'finished', 'cancelled'] })
  state: RunState;
  /** name and content hash; pinned when the run was created */
  template: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  arguments: Readonly<Record<string, string>>;
  baseline: SideDto;
  canary: SideDto;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  labels: Readonly<Record<string, string>>;
  phases: PhaseChangeDto[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  /** start of the first window */
  @ApiProperty({ format: 'date-time' })
  from: string;
  /** end of a retrospective run; null for a live one */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  to: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
  /** the run that this one repeats */
  rerunOf: string | null;
  verdict: VerdictDto;
  links: RunLinksDto;
}

/** A page of runs, newest first. */
export class RunListDto {
  runs: RunDto[];
  /** give it as `cursor` for the next page; null: this was the last */
  next: string | null;
}

/** One decision on the data so far. */
export class LookDto {
  /** from 1 */
  @ApiProperty({ type: 'integer' })
  sequence: number;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ enum: ['promote', 'hold', 'rollback'] })
  decision: Decision;
  final: boolean;
  @ApiProperty({ type: String, example: 'insufficient-evidence' })
  code: ReasonCode;
  reason: string;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100 })
  score: number;
  elapsedSeconds: number;
  metrics: MetricDto[];
  guards: GuardDto[];
}

/** Looks of one run in their order. */
export class LookListDto {
  looks: LookDto[];
  /** give it as `after` for the next page; null: this was the last so far */
  @ApiProperty({ type: 'integer', nullable: true })
  next: number | null;
}
