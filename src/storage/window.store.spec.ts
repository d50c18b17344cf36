import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openMemoryStore, patienceMs } from '../../test/support/stores.js';
import type { Cell, ClosedWindow } from '../domain/index.js';
import { Database } from './database.js';
import { encodeJson } from './json-codec.js';
import { unpackJson } from './packed-json.js';
import { WindowStore } from './window.store.js';

let database: Database;
beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
afterAll(() => database.close());

const cellOf = (route: number, sum = 1.5): Cell => ({
  signal: 'span',
  instrument: null,
  attributes: { 'http.route': `/${route}`, status: 'error' },
  count: 3,
  sum,
  sumOfSquares: 0.75,
  last: 0,
  histogram: { kind: 'exponential', scale: 5, zeroCount: 0, offset: -40, counts: [1, 0, 2] },
});

const windowOf = (service: string, cells: readonly Cell[]): ClosedWindow => ({
  service,
  from: 15_000,
  to: 30_000,
  cells,
  flags: { late: 1, overflow: 2 },
});

describe('the store of closed windows', () => {
  it.each([
    ['none', []],
    ['a few', [cellOf(1), cellOf(2)]],
    ['more than are written at once', Array.from({ length: 1_001 }, (_, route) => cellOf(route))],
    ['numbers that JSON does not know', [cellOf(1, Number.NaN), cellOf(2), cellOf(3, Number.NEGATIVE_INFINITY), cellOf(4, -0)]],
  ])('keeps a window byte for byte: %s', async (name, cells) => {
    const window = windowOf(`bytes ${name}`, cells);
    expect(await new WindowStore(database).append([window])).toBe(1);
    const { packed } = await database.db
      .selectFrom('closed_window')
      .select('packed')
      .where('service', '=', window.service)
      .executeTakeFirstOrThrow();
    expect(encodeJson(await unpackJson<ClosedWindow>(packed))).toBe(encodeJson(window));
    expect(await new WindowStore(database).read({ service: window.service, from: 0, to: 30_000 })).toEqual([window]);
  });

  it('keeps each of many once, however often they are given, and lets others ask in between', async () => {
    const store = new WindowStore(database);
    const windows = Array.from({ length: 300 }, (_, index) => windowOf(`many ${String(index).padStart(3, '0')}`, [cellOf(index)]));
    let answered = 0;
    const appending = store.append(windows);
    const asking = (async () => {
      for (; answered < 3; answered += 1) await database.ping();
    })();
    expect(await appending).toBe(300);
    expect(answered).toBe(3);
    await asking;
    expect(await store.append([...windows, windowOf('many more', [])])).toBe(1);
    const kept = await store.read({ from: 15_000, to: 30_000 });
    expect(kept.filter(({ service }) => service.startsWith('many '))).toHaveLength(301);
  });

  it('keeps bytes of every value as they are', async () => {
    const packed = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256));
    await database.db.insertInto('closed_window').values({ service: 'raw', from_ms: 1, to_ms: 2, packed }).execute();
    const row = await database.db.selectFrom('closed_window').select('packed').where('service', '=', 'raw').executeTakeFirstOrThrow();
    expect(row.packed.equals(packed)).toBe(true);
  });
});
