import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type ClosedWindow, StoreUnavailableError } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { type IngestUnderTest, startIngest, until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

const protobuf = { 'content-type': 'application/x-protobuf' };
const realNow = Date.now;
let database: Database;
let ingest: IngestUnderTest;

beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
afterEach(async () => {
  Date.now = realNow;
  await ingest.stop();
});
afterAll(() => database.close());

const pushed = (service: string, endMs: number): Promise<unknown> =>
  ingest.post('/v1/traces', encodeOtlp('Traces', tracesOf({ 'service.name': service }, [{ endMs }])), protobuf);

it('stores windows that wait for the store although the clock is set back an hour meanwhile', async () => {
  const kept: string[] = [];
  let failures = 0;
  const append = async (windows: readonly ClosedWindow[]): Promise<number> => {
    if (failures === 0) {
      failures += 1;
      Date.now = () => realNow() - 3_600_000;
      throw new StoreUnavailableError('down');
    }
    kept.push(...windows.map(({ service }) => service));
    return windows.length;
  };
  ingest = await startIngest(IngestServer, database, { store: { append, newestEnd: async () => null, hasRoom: () => true } });
  await pushed('patient', Date.now());
  await until(
    () => kept,
    (services) => services.includes('patient'),
  );
  expect(failures).toBe(1);
}, 60_000);

it('stores what closes together in one write, each window once, and says so after it is stored', async () => {
  const writes: string[][] = [];
  const stored = new Set<string>();
  const append = async (windows: readonly ClosedWindow[]): Promise<number> => {
    writes.push(windows.map(({ service }) => service));
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const { service } of windows) stored.add(service);
    return windows.length;
  };
  ingest = await startIngest(IngestServer, database, { store: { append, newestEnd: async () => null, hasRoom: () => true } });
  const endMs = Date.now() + 2_000; // all of them are open when the first one is due
  const services = Array.from({ length: 12 }, (_, index) => `together-${String(index).padStart(2, '0')}`);
  const complete: boolean[] = [];
  ingest.server.onClosed((closedThrough) => {
    if (closedThrough > endMs) complete.push(stored.size === services.length);
  });
  for (const service of services.toReversed()) await pushed(service, endMs);
  await until(
    () => complete.length,
    (count) => count > 0,
  );
  expect(writes).toEqual([services]);
  expect(complete[0]).toBe(true);
}, 60_000);
