import { beforeEach, expect, it } from '@jest/globals';
import { describeOnEveryStore } from '../../test/support/stores.js';
import type { ClosedWindow } from '../domain/index.js';
import type { Database } from './database.js';
import { type ClosingRules, StreamStore } from './stream.store.js';
import { WindowStore } from './window.store.js';

const group = 'assay';
const windowOf = (from: number, count: number, { service = 'shop', length = 10, late = 0 } = {}): ClosedWindow => ({
  service,
  from,
  to: from + length,
  cells: [
    { signal: 'span', instrument: null, attributes: { kind: 'server' }, count, sum: count, sumOfSquares: count, last: 0, histogram: null },
  ],
  flags: { late, overflow: 0 },
});

/** Windows of 10 ms that close at once; parts add up. */
const rules = (more: Partial<ClosingRules> = {}): ClosingRules => ({
  topics: ['spans'],
  throughAt: (until) => Math.floor(until / 10) * 10,
  giveUpBefore: 0,
  sliceAt: (ms) => ({ from: Math.floor(ms / 10) * 10, to: Math.floor(ms / 10) * 10 + 10 }),
  merge: (parts) => {
    const [first = windowOf(0, 0)] = parts;
    const cells = parts.flatMap((part) => part.cells);
    const count = cells.reduce((sum, cell) => sum + cell.count, 0);
    const late = parts.reduce((sum, { flags }) => sum + flags.late, 0);
    return { ...first, cells: cells.slice(0, 1).map((cell) => ({ ...cell, count })), flags: { late, overflow: 0 } };
  },
  ...more,
});

describeOnEveryStore('windows of a log', (openStore) => {
  let database: Database;
  let store: StreamStore;

  beforeEach(async () => {
    database = await openStore();
    store = new StreamStore(database);
    await store.join(
      group,
      [0, 1].map((partition) => ({ topic: 'spans', partition })),
      0,
    );
  });

  const move = (partition: number, from: number, to: number, completeUntil: number) => ({
    topic: 'spans',
    partition,
    from,
    to,
    completeUntil,
  });
  const closed = async (): Promise<[string, number, number, number, number][]> =>
    (await new WindowStore(database).read({ from: 0, to: 1e6 })).map(({ service, from, to, cells, flags }) => [
      service,
      from,
      to,
      cells.reduce((sum, { count }) => sum + count, 0),
      flags.late,
    ]);

  it('close when every partition is complete, and not before', async () => {
    await store.keep(group, { moves: [move(0, -1, 5, 25)], windows: [windowOf(0, 3), windowOf(10, 4)] }, rules());
    expect(await closed()).toEqual([]);
    const kept = await store.keep(group, { moves: [move(1, -1, 2, 12)], windows: [windowOf(0, 1)] }, rules());
    expect(kept).toMatchObject({ closedThrough: 10, closed: 1, late: 0, refused: 0 });
    expect(await closed()).toEqual([['shop', 0, 10, 4, 0]]);
    expect(await store.closedThrough(group)).toBe(10);
  });

  it('close without the partitions of another topic, and with those that nobody has read', async () => {
    await store.join(
      group,
      [
        { topic: 'other', partition: 0 },
        { topic: 'spans', partition: 2 },
      ],
      0,
    );
    const both = [move(0, -1, 5, 25), move(1, -1, 1, 25)];
    expect(await store.keep(group, { moves: both, windows: [windowOf(0, 3)] }, rules())).toMatchObject({ closed: 0, closedThrough: 0 });
    expect(await store.keep(group, { moves: [move(2, -1, 0, 25)], windows: [] }, rules())).toMatchObject({ closed: 1, closedThrough: 20 });
  });

  it('keep nothing of who reads from a place that is not the stored one', async () => {
    await store.keep(group, { moves: [move(0, -1, 5, 8)], windows: [windowOf(0, 3)] }, rules());
    const again = store.keep(group, { moves: [move(1, -1, 1, 50), move(0, -1, 5, 50)], windows: [windowOf(0, 3)] }, rules());
    await expect(again).rejects.toThrow('another replica has read on in 1 of 2 partitions');
    expect(await store.progress(group)).toMatchObject([
      { partition: 0, nextOffset: 5, completeUntil: 8 },
      { partition: 1, nextOffset: -1, completeUntil: 0 },
    ]);
    await store.keep(group, { moves: [move(0, 5, 6, 50), move(1, -1, 1, 50)], windows: [] }, rules());
    expect(await closed()).toEqual([['shop', 0, 10, 3, 0]]);
  });

  it('tell of what is late in the next window of the service', async () => {
    await store.keep(group, { moves: [move(0, -1, 5, 35), move(1, -1, 1, 35)], windows: [windowOf(0, 3)] }, rules());
    const kept = await store.keep(group, { moves: [move(0, 5, 9, 36)], windows: [windowOf(10, 7), windowOf(30, 2)] }, rules());
    expect(kept).toMatchObject({ late: 7, closedThrough: 30 });
    await store.keep(group, { moves: [move(0, 9, 9, 60), move(1, 1, 1, 60)], windows: [] }, rules());
    expect(await closed()).toEqual([
      ['shop', 0, 10, 3, 0],
      ['shop', 30, 40, 2, 7],
    ]);
  });

  it('are given up, not halved, when a partition stays behind for too long', async () => {
    await store.keep(
      group,
      { moves: [move(0, -1, 5, 95), move(1, -1, 1, 15)], windows: [windowOf(0, 1), windowOf(10, 2), windowOf(60, 3)] },
      rules(),
    );
    const kept = await store.keep(group, { moves: [], windows: [] }, rules({ giveUpBefore: 50 }));
    expect(kept).toMatchObject({ dropped: 1, closedThrough: 50 });
    await store.keep(group, { moves: [move(1, 1, 2, 95)], windows: [] }, rules());
    expect(await closed()).toEqual([
      ['shop', 0, 10, 1, 0],
      ['shop', 60, 70, 3, 0],
    ]);
  });

  it('become one where replicas disagreed about their length', async () => {
    const parts = [windowOf(0, 1), windowOf(0, 2, { length: 30 }), windowOf(20, 4), windowOf(20, 8, { service: 'cart' })];
    await store.keep(group, { moves: [move(0, -1, 5, 25), move(1, -1, 1, 25)], windows: parts }, rules());
    expect(await closed()).toEqual([]);
    await store.keep(group, { moves: [move(0, 5, 5, 35), move(1, 1, 1, 35)], windows: [] }, rules());
    expect(await closed()).toEqual([
      ['shop', 0, 30, 7, 0],
      ['cart', 20, 30, 8, 0],
    ]);
  });

  it('close in portions after a long absence', async () => {
    const many = Array.from({ length: 150 }, (_, index) => windowOf(index * 10, 1));
    await store.keep(group, { moves: [move(0, -1, 150, 2_000), move(1, -1, 0, 2_000)], windows: many }, rules());
    let more = true;
    while (more) more = (await store.keep(group, { moves: [], windows: [] }, rules())).more;
    expect(await closed()).toHaveLength(150);
    expect(await store.closedThrough(group)).toBe(2_000);
  });

  it('say which of them another way of ingest had stored before', async () => {
    await new WindowStore(database).append([windowOf(0, 9)]);
    const both = [move(0, -1, 5, 15), move(1, -1, 1, 15)];
    expect(await store.keep(group, { moves: both, windows: [windowOf(0, 1)] }, rules())).toMatchObject({ closed: 0, refused: 1 });
    expect(await closed()).toEqual([['shop', 0, 10, 9, 0]]);
  });

  it('are closed to no moment where nobody has joined the group', async () => {
    expect(await store.closedThrough('nobody')).toBeNull();
  });
});
