import { Module } from '@nestjs/common';
import { TemplateCatalog } from './template-catalog.js';

@Module({ providers: [TemplateCatalog], exports: [TemplateCatalog] })
export class TemplatesModule {}
