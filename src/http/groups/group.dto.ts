import { ApiProperty } from '@nestjs/swagger';
import { RunDto, StartedRunDto } from '../runs/run.dto.js';

/** Where to go from a group. */
export class GroupLinksDto {
  self: string;
}

/** The variants that were started together, or that were there already. */
export class StartedGroupDto {
  group: string;
  /** false: it was there already, under this key or with the same open variants */
  created: boolean;
  /** one run for each variant, by the name of its canary */
  runs: StartedRunDto[];
  links: GroupLinksDto;
}

/** Several variants against one baseline, each with its verdict. */
export class GroupDto {
  group: string;
  /** one run for each variant, by the name of its canary */
  runs: RunDto[];
  /** ids of the runs whose variants regressed, by all evidence of the group so far */
  regressed: string[];
  /** largest share of healthy variants among `regressed`, on average: the template's budget for false rollbacks */
  @ApiProperty({ example: 0.01 })
  falseDiscoveryRate: number;
  links: GroupLinksDto;
}
