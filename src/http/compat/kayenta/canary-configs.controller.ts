import { Body, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { readCanaryConfig } from '../../../templates/index.js';
import { Scope } from '../../access/scope.decorator.js';
import { IdPipe } from '../../edge/id.pipe.js';
import { CanaryConfigs, type ListedConfig } from './canary-configs.js';
import { KayentaRoutes } from './kayenta-routes.decorator.js';
import { changesOf } from './translate-config.js';

/** Kayenta's store of canary configs. */
@KayentaRoutes('canaryConfig')
export class CanaryConfigsController {
  constructor(private readonly configs: CanaryConfigs) {}

  /** Any account name is taken: Argo sends the wrong one. */
  @Get()
  @Scope('viewer')
  list(@Query() query: Readonly<Record<string, unknown>>): Promise<ListedConfig[]> {
    const applications = [query['application'] ?? []].flat().filter((each): each is string => typeof each === 'string' && each !== '');
    return this.configs.list(applications);
  }

  @Post()
  @HttpCode(200)
  @Scope('author')
  async create(@Body() body: unknown): Promise<{ canaryConfigId: string }> {
    return { canaryConfigId: await this.configs.create(body, new Date()) };
  }

  @Get(':id')
  @Scope('viewer')
  get(@Param('id', IdPipe) id: string): Promise<object> {
    return this.configs.get(id);
  }

  /** Not Kayenta's: what the config means otherwise than in Kayenta. */
  @Get(':id/changes')
  @Scope('viewer')
  async changes(@Param('id', IdPipe) id: string): Promise<{ changes: string[] }> {
    return { changes: changesOf(readCanaryConfig(await this.configs.get(id))) };
  }

  @Put(':id')
  @Scope('author')
  async replace(@Param('id', IdPipe) id: string, @Body() body: unknown): Promise<{ canaryConfigId: string }> {
    return { canaryConfigId: await this.configs.replace(id, body, new Date()) };
  }

  @Delete(':id')
  @HttpCode(204)
  @Scope('author')
  delete(@Param('id', IdPipe) id: string): Promise<void> {
    return this.configs.delete(id);
  }
}
