import { Module } from '@nestjs/common';
import { AnalysisModule } from '../../../analysis/index.js';
import { StorageModule } from '../../../storage/index.js';
import { VerdictsModule } from '../../../verdicts/index.js';
import { CanaryConfigsController } from './canary-configs.controller.js';
import { CanaryConfigs } from './canary-configs.js';
import { CanaryExecutionsController } from './canary-executions.controller.js';
import { ExecutionMemory } from './execution-memory.js';
import { KayentaToolsController } from './kayenta-tools.controller.js';
import { MetricSetPairsController } from './metric-set-pairs.controller.js';
import { StandaloneController } from './standalone.controller.js';
import { StandaloneAnalyses } from './standalone-analyses.js';
import { StartExecution } from './start-execution.js';

/** Kayenta's REST API: for Argo's kayenta provider, Spinnaker's Orca, and a Kayenta that asks for a judgement. */
@Module({
  imports: [AnalysisModule, StorageModule, VerdictsModule],
  controllers: [
    CanaryConfigsController,
    CanaryExecutionsController,
    KayentaToolsController,
    StandaloneController,
    MetricSetPairsController,
  ],
  providers: [CanaryConfigs, StartExecution, ExecutionMemory, StandaloneAnalyses],
})
export class KayentaModule {}
