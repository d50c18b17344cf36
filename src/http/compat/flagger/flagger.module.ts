import { Module } from '@nestjs/common';
import { AnalysisModule } from '../../../analysis/index.js';
import { StorageModule } from '../../../storage/index.js';
import { TemplatesModule } from '../../../templates/index.js';
import { RolloutRuns } from '../rollout-runs.js';
import { FirstSteps } from './first-steps.js';
import { FlaggerController, FlaggerWithTokenController } from './flagger.controller.js';
import { FlaggerGatesController, FlaggerGatesWithTokenController } from './flagger-gates.controller.js';
import { FlaggerGates } from './flagger-gates.js';
import { FlaggerHooks } from './flagger-hooks.js';
import { FlaggerRuns } from './flagger-runs.js';

/** Flagger asks Assay. */
@Module({
  imports: [AnalysisModule, StorageModule, TemplatesModule],
  controllers: [FlaggerController, FlaggerWithTokenController, FlaggerGatesController, FlaggerGatesWithTokenController],
  providers: [FlaggerHooks, FlaggerGates, FlaggerRuns, FirstSteps, RolloutRuns],
})
export class FlaggerModule {}
