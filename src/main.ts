import 'reflect-metadata';
import { type AddressInfo } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger } from 'pino';
import { LookScheduler, type PushedWatermark } from './analysis/index.js';
import { AppModule } from './app.module.js';
import { type Environment, localUrl, type Settings, secretValues, wantsTraces } from './config/index.js';
import { InvalidConfigError } from './domain/index.js';
import { createApp, ServerLife } from './http/index.js';
import { IngestServer, KafkaIngest } from './ingest/index.js';
import { DeliveryWorker } from './notifications/index.js';
import { RecordingPlanner } from './recording-planner.js';
import { DeliveryStore, Retention, RunStore } from './storage/index.js';
import { createLog, NestLog, observeGauge, startTelemetry } from './telemetry/index.js';
import { TemplateCatalog } from './templates/index.js';
import { VerdictRecorder } from './verdicts/index.js';

export interface ServerOptions {
  /** where secrets are looked up that the log must not show, and whether traces are wanted */
  readonly environment?: Environment;
  readonly log?: Logger;
}

export interface RunningServer {
  /** null: this process does not serve it */
  readonly urls: { readonly api: string; readonly metrics: string | null } & OtlpUrls;
  /** Ends everything in order; takes at most 25 s. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/** Where OTLP is received; null: not by this process. */
interface OtlpUrls {
  readonly otlp: string | null;
  readonly otlpGrpc: string | null;
}

/** How long a stop may take before what is still open is cut off. */
const stopWithinMs = 25_000;

/**
 * Starts everything that the roles of this process need, and listens last: who can be reached is ready.
 *
 * @throws {InvalidConfigError} a port is taken, the store is locked, …: what was started already is stopped again
 */
export async function startServer(given: Settings, options: ServerOptions = {}): Promise<RunningServer> {
  const settings = { ...given };
  const environment = options.environment ?? {};
  const log = options.log ?? createLog(settings.logLevel, secretValues(settings, environment));
  const stops: (() => Promise<void> | void)[] = [];
  const stop = once(() => stopAll(stops, log));
  try {
    const telemetry = await startTelemetry(settings, { exportTraces: wantsTraces(environment) });
    stops.push(() => telemetry.stop());
    const app = await createApp(AppModule.with(settings, log), settings, new NestLog(log));
    stops.push(() => closeApp(app));
    const otlp = await startRoles(app, settings, stops);
    const api = await listen(app, settings);
    if (given.publicUrl === localUrl(given.host, 0)) settings.publicUrl = api;
    stops.push(() => app.get(ServerLife).beginStop());
    const urls = { api, ...otlp, metrics: telemetry.metricsUrl };
    log.info({ ...urls, roles: settings.roles }, 'assay is ready');
    return { urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRoles(
  app: NestFastifyApplication,
  { roles, otlp }: Settings,
  stops: (() => Promise<void> | void)[],
): Promise<OtlpUrls> {
  const [catalog, ingest, kafka, scheduler, deliveries] = [
    app.get(TemplateCatalog),
    app.get(IngestServer),
    app.get(KafkaIngest),
    app.get(LookScheduler),
    app.get(DeliveryWorker),
  ];
  await app.init();
  await catalog.start();
  stops.push(() => catalog.stop());
  const planner = new RecordingPlanner(catalog, app.get(RunStore), app.get(VerdictRecorder));
  const pushed = everyWay(roles.includes('ingest') ? ingest : byTheClock(planner), kafka);
  if (roles.includes('ingest')) {
    stops.push(
      await planner.keepUpToDate((plan) => {
        ingest.usePlan(plan);
        kafka.usePlan(plan);
      }),
    );
    await ingest.start().catch((error: unknown) => refuseOtlpPort(error, otlp));
    stops.push(() => ingest.stop());
    observeGauge('assay_closed_through_lag_seconds', () => Math.max(0, (Date.now() - pushed.closedThrough()) / 1000));
  }
  if (roles.includes('ingest') || roles.includes('engine')) {
    kafka.start(roles.includes('ingest'));
    stops.push(() => kafka.stop());
  }
  if (roles.includes('engine')) {
    scheduler.start(pushed);
    stops.push(() => scheduler.stop());
    observeGauge('assay_open_runs', () => scheduler.openRuns());
    const retention = app.get(Retention);
    retention.start(() => catalog.all());
    stops.push(() => retention.stop());
    observeGauge('assay_store_bytes', () => retention.storeBytes());
  }
  if (roles.includes('delivery')) {
    await deliveries.start();
    stops.push(() => deliveries.stop());
    observeGauge('assay_deliveries_pending', () => pendingDeliveries(app.get(DeliveryStore)));
  }
  const { port, grpcPort } = ingest;
  const url = (at: number | null): string | null => (at === null || !roles.includes('ingest') ? null : localUrl(otlp.host, at));
  return { otlp: url(port), otlpGrpc: url(grpcPort) };
}

/** Null where the store does not answer: the page of metrics must not fail with it. */
async function pendingDeliveries(deliveries: DeliveryStore): Promise<number | null> {
  return deliveries.list({ state: 'pending', limit: 1000, cursor: null }).then(
    (page) => page.deliveries.length,
    () => null,
  );
}

/** Where another process receives: what it has not stored this long after a window's lateness will not come. */
const storedWithinMs = 10_000;

const byTheClock = (planner: RecordingPlanner): PushedWatermark => ({
  closedThrough: () => Date.now() - planner.plan.latenessMs - storedWithinMs,
  isOpenWithin: () => false,
  onClosed: () => () => undefined,
});

/** Complete is what is complete by every way that telemetry comes. */
const everyWay = (received: PushedWatermark, kafka: KafkaIngest): PushedWatermark => {
  if (!kafka.isWanted) return received;
  return {
    closedThrough: () => Math.min(received.closedThrough(), kafka.closedThrough()),
    isOpenWithin: (slice) => received.isOpenWithin(slice),
    onClosed: (listener) => {
      const forget = [received.onClosed(listener), kafka.onClosed(listener)];
      return () => {
        for (const end of forget) end();
      };
    },
  };
};

/** How long clients have to read what was answered when the server began to stop. */
const lastAnswersMs = 2_000;

/** A client that gave up on a long poll can leave a connection that never falls idle: after a grace it is cut. */
async function closeApp(app: NestFastifyApplication): Promise<void> {
  const cut = setTimeout(() => app.getHttpServer().closeAllConnections(), lastAnswersMs);
  await app.close().finally(() => clearTimeout(cut));
}

async function listen(app: NestFastifyApplication, { host, port }: Settings): Promise<string> {
  await app.listen({ host, port }).catch((error: unknown) => refusePort(error, 'ASSAY_PORT', { host, port }));
  return localUrl(host, (app.getHttpServer().address() as AddressInfo).port);
}

/** @param error  of one of the two ports; which one it says itself */
function refuseOtlpPort(error: unknown, { host, port, grpcPort }: Settings['otlp']): never {
  const refused = (error as { port?: number }).port;
  if (grpcPort !== null && refused === grpcPort) refusePort(error, 'ASSAY_OTLP_GRPC_PORT', { host, port: grpcPort });
  return refusePort(error, 'ASSAY_OTLP_PORT', { host, port });
}

function refusePort(error: unknown, variable: string, { host, port }: { host: string; port: number }): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    throw new InvalidConfigError(`${variable}: port ${port} on ${host} is taken: stop what listens there or give another port`);
  if (code === 'EACCES')
    throw new InvalidConfigError(`${variable}: port ${port} on ${host} is not allowed to this user: give one above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    throw new InvalidConfigError(`${variable.replace('PORT', 'HOST')}: ${host} is not an address of this machine`);
  }
  throw error;
}

/** Last started, first stopped; a part that fails to stop does not keep the others from it. */
async function stopAll(stops: readonly (() => Promise<void> | void)[], log: Logger): Promise<void> {
  const all = async (): Promise<void> => {
    for (const stop of [...stops].reverse()) {
      await Promise.resolve()
        .then(stop)
        .catch((error: unknown) => log.error({ err: error }, 'a part did not stop well'));
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.error(`not everything stopped within ${stopWithinMs / 1000} s`);
      resolve();
    }, stopWithinMs);
  });
  await Promise.race([all(), late]).finally(() => clearTimeout(timer));
  log.info('assay has stopped');
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}
