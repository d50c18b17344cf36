import { type DynamicModule, Module, RequestMethod } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { type Logger } from 'pino';
import { AnalysisModule } from './analysis/index.js';
import { ConfigModule, type Settings } from './config/index.js';
import { HttpModule, SOURCE_CHECKS, type SourceCheck } from './http/index.js';
import { IngestModule, KafkaIngest } from './ingest/index.js';
import { NotificationsModule } from './notifications/index.js';
import { PrometheusSource, SourcesModule } from './sources/index.js';
import { StorageModule } from './storage/index.js';
import { requestLog } from './telemetry/index.js';
import { TemplatesModule } from './templates/index.js';
import { VerdictsModule } from './verdicts/index.js';

/** Everything Assay is made of, put together. What is started, and in which order, is in main.ts. */
@Module({})
export class AppModule {
  static with(settings: Settings, log: Logger): DynamicModule {
    const sourceChecks = {
      provide: SOURCE_CHECKS,
      inject: [PrometheusSource, KafkaIngest],
      useFactory: (prometheus: PrometheusSource, kafka: KafkaIngest): SourceCheck[] => [
        ...(settings.prometheus === null ? [] : [{ name: 'prometheus', ping: (signal: AbortSignal) => prometheus.ping(signal) }]),
        ...(kafka.isWanted ? [{ name: 'kafka', ping: () => kafka.ping() }] : []),
      ],
    };
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        LoggerModule.forRoot({ pinoHttp: requestLog(log), forRoutes: [{ path: '*path', method: RequestMethod.ALL }] }),
        StorageModule,
        TemplatesModule,
        SourcesModule,
        IngestModule,
        VerdictsModule,
        AnalysisModule,
        NotificationsModule,
        HttpModule.with(sourceChecks, [SourcesModule, IngestModule]),
      ],
    };
  }
}
