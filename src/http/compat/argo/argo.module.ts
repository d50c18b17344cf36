import { Module } from '@nestjs/common';
import { AnalysisModule } from '../../../analysis/index.js';
import { ServerLifeModule } from '../../edge/server-life.module.js';
import { RolloutRuns } from '../rollout-runs.js';
import { ArgoController } from './argo.controller.js';

/** Argo Rollouts asks Assay. */
@Module({ imports: [AnalysisModule, ServerLifeModule], controllers: [ArgoController], providers: [RolloutRuns] })
export class ArgoModule {}
