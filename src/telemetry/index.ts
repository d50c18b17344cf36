export { inSpan } from './in-span.js';
export * from './instruments.js';
export { createLog, NestLog } from './log.js';
export { requestLog } from './request-log.js';
export { startTelemetry, type Telemetry } from './start-telemetry.js';
