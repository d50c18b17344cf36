export { createApp } from './create-app.js';
export { ServerLife } from './edge/server-life.js';
export { SOURCE_CHECKS, type SourceCheck } from './health/readiness.js';
export { HttpModule } from './http.module.js';
