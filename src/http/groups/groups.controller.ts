import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { VariantGroups } from '../../analysis/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Scope } from '../access/scope.decorator.js';
import { IdPipe } from '../edge/id.pipe.js';
import { GroupDto } from './group.dto.js';
import { groupOnWire } from './group-on-wire.js';

/** Variants that are judged together. */
@ApiTags('runs')
@Controller('v1/groups')
export class GroupsController {
  constructor(
    private readonly groups: VariantGroups,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Every variant with its verdict, and which of them regressed. */
  @Get(':id')
  @Scope('viewer')
  async get(@Param('id', IdPipe) id: string): Promise<GroupDto> {
    return groupOnWire(await this.groups.get(id), this.settings.publicUrl);
  }
}
