import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openMemoryStore, patienceMs } from '../../test/support/stores.js';
import type { Cell, ClosedWindow } from '../domain/index.js';
import { type Database, WindowStore } from '../storage/index.js';
import { WindowCollector } from './window-collector.js';

const t0 = 1_700_000_010_000;
const plan = { windowMs: 15_000, latenessMs: 5_000, attributes: ['service.name'], values: [] };
const cell = (count: number): Cell => ({
  signal: 'span',
  instrument: null,
  attributes: { 'service.name': 'shop' },
  count,
  sum: 1,
  sumOfSquares: 1,
  last: 0,
  histogram: null,
});
const windowOf = (from: number, counts: readonly number[]): ClosedWindow => ({
  service: 'shop',
  from: t0 + from,
  to: t0 + from + 15_000,
  cells: counts.map(cell),
  flags: { late: 0, overflow: 0 },
});

describe('a window that was stored in a life before', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryStore();
  }, patienceMs);
  afterAll(() => database.close());

  it('is not changed by what comes for it, and says who was refused', async () => {
    const store = new WindowStore(database);
    await store.append([windowOf(0, [40])]);
    const refused: ClosedWindow[] = [];
    expect(await store.append([windowOf(0, [3, 4]), windowOf(15_000, [5])], (window) => refused.push(window))).toBe(1);
    expect(refused).toEqual([windowOf(0, [3, 4])]);
  });

  it('is no refusal where the same is only stored again, after a failure', async () => {
    const store = new WindowStore(database);
    const refused: ClosedWindow[] = [];
    await store.append([windowOf(30_000, [8])]);
    expect(await store.append([windowOf(30_000, [8])], (window) => refused.push(window))).toBe(0);
    expect(refused).toEqual([]);
  });
});

describe('observations of a window that was refused', () => {
  it('are late, and the next window of that service says so', () => {
    const collector = new WindowCollector(plan, { maxSeries: 100, maxAgeMs: 3_600_000 }, t0);
    expect(collector.refuse(windowOf(0, [3, 4]))).toBe(7);
    expect(collector.refuse({ ...windowOf(15_000, [2]), service: 'cart' })).toBe(2);
    expect(collector.lateOf('shop')).toBe(7);
  });
});
