import { Module } from '@nestjs/common';
import { SourcesModule } from '../sources/index.js';
import { StorageModule } from '../storage/index.js';
import { TemplatesModule } from '../templates/index.js';
import { VerdictsModule } from '../verdicts/index.js';
import { AwaitVerdict } from './await-verdict.js';
import { BaselineHistory } from './baseline-history.js';
import { ChangeRun } from './change-run.js';
import { KnownRuns } from './known-runs.js';
import { LookScheduler } from './look-scheduler.js';
import { RunFeed } from './run-feed.js';
import { RunHistories } from './run-histories.js';
import { RunJudges } from './run-judges.js';
import { StartRun } from './start-run.js';
import { TakeLook } from './take-look.js';
import { VariantGroups } from './variant-groups.js';
import { WindowReader } from './window-reader.js';

@Module({
  imports: [StorageModule, TemplatesModule, SourcesModule, VerdictsModule],
  providers: [
    StartRun,
    VariantGroups,
    ChangeRun,
    AwaitVerdict,
    RunFeed,
    KnownRuns,
    LookScheduler,
    TakeLook,
    WindowReader,
    RunJudges,
    RunHistories,
    BaselineHistory,
  ],
  exports: [StartRun, VariantGroups, ChangeRun, AwaitVerdict, RunFeed, LookScheduler],
})
export class AnalysisModule {}
