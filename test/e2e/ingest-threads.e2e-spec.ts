import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClosedWindow } from '../../src/domain/index.js';
import type { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { exportTraces, framed, GrpcCaller } from '../support/grpc-caller.js';
import { type IngestUnderTest, type OtlpReply, quickPlan, startIngest, until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { metricsOf, tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

/** Threads run what was built: `npm test` builds first. */
const built = new URL('../../dist/ingest/index.js', import.meta.url).href;

let database: Database;
let Server: typeof IngestServer;
let ingest: IngestUnderTest;

beforeAll(async () => {
  database = await openMemoryStore();
  ({ IngestServer: Server } = (await import(built)) as { IngestServer: typeof IngestServer });
}, patienceMs);
afterEach(() => ingest.stop());
afterAll(() => database.close());

const protobuf = { 'content-type': 'application/x-protobuf', connection: 'close' }; // another connection, perhaps another thread
const traces = (service: string, count: number, endMs = Date.now()): Uint8Array =>
  encodeOtlp(
    'Traces',
    tracesOf(
      { 'service.name': service },
      Array.from({ length: count }, () => ({ endMs })),
    ),
  );

const countIn = (windows: readonly ClosedWindow[], service: string): number =>
  windows
    .filter((window) => window.service === service)
    .reduce((sum, { cells }) => sum + cells.reduce((all, { count }) => all + count, 0), 0);

/** Waits for what a busy machine sends seconds late. */
const patientPlan = { ...quickPlan, latenessMs: 6_000 };

/** All connections may by chance go to one thread; many hardly will. */
const many = 40;

describe('Ingest on threads of its own', () => {
  it('counts what comes by different threads once, together', async () => {
    ingest = await startIngest(Server, database, { otlp: { threads: 2 }, plan: patientPlan });
    const requests = Array.from({ length: many }, () => traces('spread', 5));
    const replies = await Promise.all([...requests, ...requests].map((request) => ingest.post('/v1/traces', request, protobuf)));
    expect([...new Set(replies.map(({ status }) => status))]).toEqual([200]);
    await until(
      async () => countIn(await ingest.stored(), 'spread'),
      (count) => count >= many * 5,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(countIn(await ingest.stored(), 'spread')).toBe(many * 5);
  }, 120_000);

  it('shares the port of gRPC among its threads, too, and knows a request again that came by HTTP', async () => {
    ingest = await startIngest(Server, database, { otlp: { threads: 2, grpcPort: 0 }, plan: patientPlan });
    const requests = Array.from({ length: many }, () => traces('called', 5));
    const callers = requests.map(() => new GrpcCaller(ingest.server.grpcPort as number));
    const replies = await Promise.all(callers.map((caller, index) => caller.call(exportTraces, framed(requests[index] as Uint8Array))));
    for (const caller of callers) caller.close();
    expect([...new Set(replies.map(({ status }) => status))]).toEqual([0]);
    for (const request of requests) await ingest.post('/v1/traces', request, protobuf);
    await until(
      async () => countIn(await ingest.stored(), 'called'),
      (count) => count >= many * 5,
    );
    expect(countIn(await ingest.stored(), 'called')).toBe(many * 5);
  }, 120_000);

  it('follows a cumulative stream whose points come by different threads', async () => {
    ingest = await startIngest(Server, database, { otlp: { threads: 2 }, plan: patientPlan });
    const startMs = Date.now();
    const point = (index: number): Uint8Array => {
      const times = { startTimeUnixNano: `${startMs}000000`, timeUnixNano: `${startMs + 1 + index}000000` };
      const sum = { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...times, asInt: String((index + 1) * 10) }] };
      return encodeOtlp('Metrics', metricsOf({ 'service.name': 'stream' }, 'requests', { sum }));
    };
    for (let index = 0; index < many; index += 1) await ingest.post('/v1/metrics', point(index), protobuf);
    await until(
      async () => countIn(await ingest.stored(), 'stream'),
      (count) => count >= many * 10,
    );
    expect(countIn(await ingest.stored(), 'stream')).toBe(many * 10);
  }, 120_000);

  it('moves on with the clock and hands a new plan to every thread', async () => {
    ingest = await startIngest(Server, database, { otlp: { threads: 2 } });
    const before = ingest.server.closedThrough();
    await until(
      () => ingest.server.closedThrough(),
      (closedThrough) => closedThrough > before,
    );
    ingest.server.usePlan({ ...patientPlan, windowMs: 2_000, attributes: ['name', 'service.name'] });
    for (let index = 0; index < many; index += 1) await ingest.post('/v1/traces', traces('planned', 1), protobuf);
    const windows = await until(
      async () => (await ingest.stored()).filter(({ service }) => service === 'planned'),
      (stored) => countIn(stored, 'planned') >= many,
    );
    expect(windows.every(({ from, to }) => to - from === 2_000 && from % 2_000 === 0)).toBe(true);
    expect(windows[0]?.cells.map(({ attributes }) => attributes)).toEqual([{ name: 'GET', 'service.name': 'planned' }]);
  }, 120_000);

  it('refuses a port that another server shares among its own threads', async () => {
    ingest = await startIngest(Server, database, { otlp: { threads: 2 } });
    const second = startIngest(Server, database, { otlp: { threads: 2, port: ingest.server.port } });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const alone = startIngest(Server, database, { otlp: { threads: 1, port: ingest.server.port } });
    await expect(alone).rejects.toMatchObject({ code: 'EADDRINUSE' });
  }, 120_000);

  it('leaves the main thread to others while its own thread is busy', async () => {
    ingest = await startIngest(Server, database, { otlp: { threads: 1 } });
    const heavy = traces('heavy', 20_000);
    const posted: Promise<OtlpReply>[] = Array.from({ length: 20 }, () => ingest.post('/v1/traces', heavy, protobuf));
    let done = false;
    const all = Promise.all(posted).finally(() => {
      done = true;
    });
    const [processBefore, threadBefore] = [process.cpuUsage(), process.threadCpuUsage()];
    while (!done) await new Promise((resolve) => setTimeout(resolve, 5));
    const [ofProcess, ofThread] = [process.cpuUsage(processBefore), process.threadCpuUsage(threadBefore)];
    expect((await all).every(({ status }) => status === 200 || status === 429)).toBe(true);
    expect(ofThread.user / ofProcess.user).toBeLessThan(0.5); // it sends, and the other thread reads
  }, 60_000);
});
