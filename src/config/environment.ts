import { type Environment } from './environment-reader.js';

/** The variables this process was started with: the only place that reads them. */
export const environment = (): Environment => ({ ...process.env });

/** Assay's own spans are exported only where somebody said where to. */
export const wantsTraces = (variables: Environment): boolean =>
  Boolean(variables['OTEL_EXPORTER_OTLP_ENDPOINT'] || variables['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) &&
  variables['OTEL_TRACES_EXPORTER'] !== 'none';
