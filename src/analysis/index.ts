export { AnalysisModule } from './analysis.module.js';
export { AwaitVerdict, type Waiting } from './await-verdict.js';
export { ChangeRun, type HumanAct } from './change-run.js';
export { LookScheduler, type PushedWatermark } from './look-scheduler.js';
export { replayRun } from './replay-run.js';
export { RunFeed } from './run-feed.js';
export { type CohortChoice, newRun, StartRun, type StartRunRequest } from './start-run.js';
export { type StartGroupRequest, type VariantGroup, VariantGroups } from './variant-groups.js';
