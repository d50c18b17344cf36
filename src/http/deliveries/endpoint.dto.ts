import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsISO8601, IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import { type Decision, type Issue } from '../../domain/index.js';
import { channelTypes, checkEndpoint } from '../../notifications/index.js';

/** Which happenings an endpoint is told of, beside their type; a list that is left out wants all. */
export class RoutingRulesDto {
  @ApiPropertyOptional({ enum: ['promote', 'hold', 'rollback'], isArray: true, example: ['rollback'] })
  decisions?: Decision[];
  /** argument `service` of the run; `*` stands for any text */
  @ApiPropertyOptional({ type: [String], example: ['checkout', 'pay-*'] })
  services?: string[];
  /** names of templates; `*` stands for any text */
  @ApiPropertyOptional({ type: [String], example: ['http-service'] })
  templates?: string[];
}

/** Where events should be sent. Secrets are given by reference only. */
export class CreateEndpointDto {
  static furtherIssues({ channel = '', ...fields }: Partial<CreateEndpointDto>): readonly Issue[] {
    return checkEndpoint({ channel, ...fields });
  }

  @ApiProperty({ enum: [...channelTypes] })
  @MaxLength(40)
  @IsString()
  channel: string;

  /** the address, where it is no secret */
  @ApiPropertyOptional({ example: 'https://deploy.example.com/hooks/assay' })
  @IsOptional()
  @MaxLength(2048)
  @IsString()
  url?: string;

  /** where the address is a secret (Slack): `env:NAME` or `file:/path` */
  @IsOptional()
  @MaxLength(1024)
  @IsString()
  urlRef?: string;

  /** where the signing secret is: `env:NAME` or `file:/path` */
  @ApiPropertyOptional({ example: 'env:ASSAY_WEBHOOK_SECRET' })
  @IsOptional()
  @MaxLength(1024)
  @IsString()
  secretRef?: string;

  /** `*`, `verdict.*` or names of events; all where left out */
  @ApiPropertyOptional({ type: [String], example: ['verdict.final'] })
  @IsOptional()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @IsArray()
  events?: string[];

  /** of the channel; see docs/channels.md */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: {} })
  @IsOptional()
  @IsObject()
  options?: Record<string, unknown>;

  /** which of these events; all where left out */
  @ApiPropertyOptional({ type: RoutingRulesDto })
  @IsOptional()
  @IsObject()
  rules?: RoutingRulesDto;

  @IsOptional()
  @MaxLength(500)
  @IsString()
  description?: string;
}

/** Which stretch of time. */
export class ResendDto {
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:00:00Z' })
  @IsISO8601({ strict: true })
  @MaxLength(40)
  @IsString()
  from: string;

  /** now, where left out */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsISO8601({ strict: true })
  @MaxLength(40)
  @IsString()
  to?: string;
}

/** What is on its way now. */
export class ResentDto {
  @ApiProperty({ type: 'integer' })
  sent: number;
  /** there is more than one call may send: ask again */
  more: boolean;
}

export class TestedEndpointDto {
  /** look there for what came of it */
  @ApiProperty({ example: 'dlv_01KH2M0Q3V7W8X9Y0Z1A' })
  delivery: string;
}

/** An endpoint as it is kept. */
export class EndpointDto {
  id: string;
  channel: string;
  /** null where the address is a secret */
  url: string | null;
  urlRef: string | null;
  secretRef: string | null;
  events: string[];
  @ApiProperty({ type: 'object', additionalProperties: true })
  options: Record<string, unknown>;
  rules: RoutingRulesDto;
  description: string;
  enabled: boolean;
  /** why it is not enabled */
  disabledReason: string | null;
  /** since when every attempt has failed; null: the last one succeeded, or there was none */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  failingSince: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

/** All endpoints, oldest first. */
export class EndpointListDto {
  endpoints: EndpointDto[];
}
