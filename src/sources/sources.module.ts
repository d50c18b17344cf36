import { Module } from '@nestjs/common';
import { PrometheusSource } from './prometheus.source.js';

@Module({ providers: [PrometheusSource], exports: [PrometheusSource] })
export class SourcesModule {}
