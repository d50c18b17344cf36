import { ApiProperty } from '@nestjs/swagger';

/** One mistake in what was sent, where it is and how to mend it. */
export class IssueDto {
  /** stable name of the mistake */
  code: string;
  @ApiProperty({ enum: ['error', 'warning'] })
  severity: 'error' | 'warning';
  message: string;
  repair: string;
  /** `spec.metrics[0].margin` */
  path: string;
  /** from 1; 0 where there is no text to point at */
  @ApiProperty({ type: 'integer' })
  line: number;
  @ApiProperty({ type: 'integer' })
  column: number;
}

/** An answer that is not what was asked for (RFC 9457). */
export class ProblemDto {
  /** where the code is explained */
  type: string;
  title: string;
  @ApiProperty({ type: 'integer' })
  status: number;
  /** stable; listed in docs/errors.md */
  code: string;
  /** what happened, in a sentence */
  detail: string;
  issues: IssueDto[];
  /** quote it when asking for help */
  requestId: string;
}
