import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AnalysisModule } from '../analysis/index.js';
import { IngestModule } from '../ingest/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { StorageModule } from '../storage/index.js';
import { TemplatesModule } from '../templates/index.js';
import { AccessGuard } from './access/access.guard.js';
import { ArgoModule } from './compat/argo/argo.module.js';
import { FlaggerModule } from './compat/flagger/flagger.module.js';
import { KayentaModule } from './compat/kayenta/kayenta.module.js';
import { PrometheusFacadeModule } from './compat/prometheus/facade.module.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { EndpointsController } from './deliveries/endpoints.controller.js';
import { ServerLifeModule } from './edge/server-life.module.js';
import { GroupsController } from './groups/groups.controller.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { RunChangesController } from './runs/run-changes.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { VerdictController } from './runs/verdict.controller.js';
import { TemplatesController } from './templates/templates.controller.js';

@Module({
  imports: [
    AnalysisModule,
    IngestModule,
    NotificationsModule,
    StorageModule,
    TemplatesModule,
    PrometheusFacadeModule,
    ServerLifeModule,
    ArgoModule,
    FlaggerModule,
    KayentaModule,
  ],
  controllers: [
    HealthController,
    RunsController,
    RunChangesController,
    VerdictController,
    GroupsController,
    TemplatesController,
    EndpointsController,
    DeliveriesController,
  ],
  providers: [Readiness, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [ServerLifeModule],
})
export class HttpModule {
  /**
   * @param sourceChecks  provider of {@link SOURCE_CHECKS}, and the modules it needs
   */
  static with(sourceChecks: Provider, imports: NonNullable<DynamicModule['imports']>): DynamicModule {
    return { module: HttpModule, imports, providers: [sourceChecks] };
  }
}
