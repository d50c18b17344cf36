export type { MetricSource, Reading, ReadRequest } from './metric-source.js';
export { PrometheusSource } from './prometheus.source.js';
export { SourcesModule } from './sources.module.js';
