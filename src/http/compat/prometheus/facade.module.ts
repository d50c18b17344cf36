import { Module } from '@nestjs/common';
import { StorageModule } from '../../../storage/index.js';
import { FacadeController } from './facade.controller.js';
import { Facade } from './facade.js';
import { FacadeRuns } from './facade-runs.js';

/** Assay as a Prometheus that others query. */
@Module({ imports: [StorageModule], controllers: [FacadeController], providers: [Facade, FacadeRuns] })
export class PrometheusFacadeModule {}
