import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { type IngestUnderTest, startIngest, until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

const protobuf = { 'content-type': 'application/x-protobuf' };
const windowMs = 4_000;
const plan = { windowMs, latenessMs: 300, attributes: ['service.name'], values: [] };

let database: Database;
let started: IngestUnderTest[];

beforeEach(async () => {
  database = await openMemoryStore();
  started = [];
}, patienceMs);
afterEach(async () => {
  for (const server of started) await server.stop();
  await database.close();
});

const dying = {
  append: async () => {
    throw new StoreUnavailableError('killed');
  },
  newestEnd: async () => null,
  hasRoom: () => true,
};

/** @param store  of a process that is killed: nothing of it is stored any more */
async function start(store?: typeof dying): Promise<IngestUnderTest> {
  const server = await startIngest(IngestServer, database, { plan, otlp: { restartGraceSeconds: 1 }, ...(store && { store }) });
  started.push(server);
  return server;
}

const send = async (server: IngestUnderTest, count: number, endMs = Date.now()): Promise<void> => {
  const spans = Array.from({ length: count }, () => ({ endMs }));
  const { status } = await server.post('/v1/traces', encodeOtlp('Traces', tracesOf({ 'service.name': 'shop' }, spans)), protobuf);
  expect(status).toBe(200);
};

/** Waits until the next window has just begun, so that there is time to do something in it. */
const freshWindow = async (): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, windowMs - (Date.now() % windowMs) + 50));
  return Math.floor(Date.now() / windowMs) * windowMs;
};

const stored = async (server: IngestUnderTest, from: number) =>
  (await server.stored())
    .filter((window) => window.from < from + windowMs && window.to > from)
    .map(({ service, cells, flags }) => ({ service, spans: cells[0]?.count ?? 0, flags }));

describe('spans that were acknowledged before the end of a process', () => {
  const lost = { late: 0, overflow: 0, incomplete: true };

  it.each(['stopped', 'killed'])(
    'are missed in a window that was open when it was %s: what comes afterwards is no whole window',
    async (how) => {
      const first = await start(how === 'killed' ? dying : undefined);
      const window = await freshWindow();
      await send(first, 100, window);
      await until(
        () => first.server.isOpenWithin({ from: window, to: window + windowMs }),
        (isOpen) => isOpen,
      );
      if (how === 'stopped') await (started.pop() as IngestUnderTest).stop();
      const second = await start();
      await send(second, 3, window);
      const windows = await until(
        () => stored(second, window),
        (all) => all.some(({ service }) => service === 'shop'),
      );
      expect(windows).toEqual([
        { service: 'shop', spans: 3, flags: lost },
        { service: '', spans: 0, flags: lost },
      ]);
      const next = await freshWindow();
      await send(second, 5, next);
      expect(
        await until(
          () => stored(second, next),
          ({ length }) => length > 0,
        ),
      ).toEqual([{ service: 'shop', spans: 5, flags: { late: 0, overflow: 0 } }]);
    },
    60_000,
  );

  it('are not missed where nothing was open when it was stopped: what is sent again of the time between counts', async () => {
    const first = await start();
    await until(
      () => first.server.closedThrough(),
      (closed) => closed > 0,
    );
    await (started.pop() as IngestUnderTest).stop();
    const window = await freshWindow();
    const second = await start();
    await send(second, 3, window);
    expect(
      await until(
        () => stored(second, window),
        ({ length }) => length > 0,
      ),
    ).toEqual([{ service: 'shop', spans: 3, flags: { late: 0, overflow: 0 } }]);
  }, 60_000);
});
