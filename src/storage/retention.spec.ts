import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { sampleEndpoint } from '../../test/support/sample-endpoint.js';
import { sampleRun, sampleTemplate, sampleVerdict, sampleWindow } from '../../test/support/sample-run.js';
import { describeOnEveryStore } from '../../test/support/stores.js';
import { type Metric, type Run, telemetryReachMs } from '../domain/index.js';
import { type Database } from './database.js';
import { EndpointStore } from './endpoint.store.js';
import { ForeignDocumentStore } from './foreign-document.store.js';
import { HistoryStore } from './history.store.js';
import { newRunId, timeSortableId } from './ids.js';
import { LookStore } from './look.store.js';
import { OutboxStore } from './outbox.store.js';
import { Retention, type Swept } from './retention.js';
import { RetentionStore } from './retention.store.js';
import { RunStore } from './run.store.js';
import { WindowStore } from './window.store.js';

const day = 86_400_000;
const now = new Date('2026-06-01T12:00:00.000Z');
const ago = (days: number): Date => new Date(now.getTime() - days * day);
const promote = sampleVerdict({ decision: 'promote', final: true, code: 'all-safe' });
const template = sampleTemplate({ metrics: [{ name: 'latency', source: 'spans' } as unknown as Metric] });
const nothing: Swept = { runs: 0, windows: 0, events: 0, keys: 0, documents: 0 };
const usual = { runs: { maxAgeSeconds: 90 * 86_400, maxCount: 20_000 }, windows: { maxAgeSeconds: 14 * 86_400, maxCount: 1_000_000 } };

const retentionOf = (database: Database, retention = usual): Retention =>
  new Retention(database, new RetentionStore(database), { retention });

async function runOfDay(database: Database, days: number, { ends = true, looks = 1 } = {}): Promise<Run> {
  const [runs, kept] = [new RunStore(database), new LookStore(database)];
  const at = ago(days);
  const id = newRunId(at);
  let { run } = await runs.create(sampleRun({ id, template, createdAt: at, from: at }), {
    idempotencyKey: id,
    requestHash: 'h',
    openKey: id,
  });
  for (let sequence = 1; sequence <= looks; sequence++) {
    const verdict = ends && sequence === looks ? promote : sampleVerdict();
    run = (await runs.advance(run, verdict, at)) ?? run;
    await kept.append({ runId: id, sequence, at, verdict }, sampleWindow(sequence - 1));
  }
  return run;
}

const told = async (database: Database, run: Run): Promise<void> => {
  const outbox = new OutboxStore(database, { publicUrl: 'https://assay.example' });
  await outbox.add({ type: 'verdict.final', run, previous: null, summaries: ['safe'], at: run.createdAt });
};

const rowsOf = async (database: Database, table: string): Promise<number> =>
  (await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(database.db)).rows[0]?.count ?? Number.NaN;

describeOnEveryStore('retention', (open) => {
  describe('by age', () => {
    it('deletes an old run with all that is about it, and keeps younger ones as they were', async () => {
      const database = await open();
      const old = await runOfDay(database, 91, { looks: 3 });
      const young = await runOfDay(database, 89);
      await new HistoryStore(database).keep(old.id, [sampleWindow(0)]);
      await told(database, old);
      const documents = new ForeignDocumentStore(database);
      for (const run of [old, young]) {
        await documents.add('kayenta/execution', { id: run.id, label: 'shop', body: {}, createdAt: now, updatedAt: now });
      }
      expect(await retentionOf(database).sweep(now, [])).toEqual({ ...nothing, runs: 1, keys: 2 });
      expect(await new RunStore(database).find(old.id)).toBeNull();
      expect(await new RunStore(database).get(young.id)).toEqual(young);
      const left = ['look', 'event', 'baseline_history', 'foreign_document'];
      expect(await Promise.all(left.map((table) => rowsOf(database, table)))).toEqual([1, 0, 0, 1]);
      expect(await retentionOf(database).sweep(now, [])).toEqual(nothing);
    });

    it('keeps open runs, however old', async () => {
      const database = await open();
      const run = await runOfDay(database, 400, { ends: false, looks: 2 });
      expect(await retentionOf(database).sweep(now, [])).toEqual({ ...nothing, keys: 1 });
      expect(await new RunStore(database).get(run.id)).toEqual(run);
      expect(await rowsOf(database, 'look')).toBe(2);
    });

    it('keeps a run of which somebody has still to be told, until it is delivered or given up', async () => {
      const database = await open();
      await new EndpointStore(database).create(sampleEndpoint());
      const run = await runOfDay(database, 100, { looks: 2 });
      await told(database, run);
      expect((await retentionOf(database).sweep(now, []))?.runs).toBe(0);
      expect([await rowsOf(database, 'event'), await rowsOf(database, 'delivery'), await rowsOf(database, 'look')]).toEqual([1, 1, 2]);
      await sql`update delivery set state = 'dead', finished_at = ${now}`.execute(database.db);
      expect((await retentionOf(database).sweep(now, []))?.runs).toBe(1);
      expect([await rowsOf(database, 'event'), await rowsOf(database, 'delivery'), await rowsOf(database, 'endpoint')]).toEqual([0, 0, 1]);
    });

    it('deletes tests of endpoints that were delivered, keys after a day and analyses of other tools', async () => {
      const database = await open();
      const endpoint = await new EndpointStore(database).create(sampleEndpoint());
      const outbox = new OutboxStore(database, { publicUrl: 'https://assay.example' });
      await outbox.test(endpoint.id, ago(100));
      await sql`update delivery set state = 'delivered'`.execute(database.db);
      await outbox.test(endpoint.id, ago(99));
      const documents = new ForeignDocumentStore(database);
      const about = { label: 'shop', body: {}, createdAt: ago(200), updatedAt: ago(200) };
      await documents.add('kayenta/canary-config', { ...about, id: timeSortableId('sca', ago(200)) });
      for (const days of [91, 89]) await documents.add('kayenta/standalone-analysis', { ...about, id: timeSortableId('sca', ago(days)) });
      await runOfDay(database, 1.001);
      await runOfDay(database, 0.999);
      expect(await retentionOf(database).sweep(now, [])).toEqual({ ...nothing, events: 1, keys: 1, documents: 1 });
      expect([await rowsOf(database, 'event'), await rowsOf(database, 'foreign_document')]).toEqual([1, 2]);
    });

    it('deletes a run of many looks in portions', async () => {
      const database = await open();
      const run = await runOfDay(database, 120, { looks: 2 });
      await sql`alter table run disable trigger run_final_verdict`.execute(database.db);
      await sql`update run set looks = 1002`.execute(database.db);
      await sql`alter table run enable trigger run_final_verdict`.execute(database.db);
      await sql`insert into look (run_id, sequence, at, final, verdict)
        select ${run.id}, n + 2, ${ago(120)}, false, '{}' from generate_series(1, 1000) as n`.execute(database.db);
      expect((await retentionOf(database).sweep(now, []))?.runs).toBe(1);
      expect(await rowsOf(database, 'look')).toBe(0);
    });
  });

  it('keeps the newest runs, and those of the last day beyond that', async () => {
    const database = await open();
    const ids: string[] = [];
    for (const days of [5, 4, 3, 2, 0.5, 0.4]) ids.push((await runOfDay(database, days)).id);
    const few = (maxCount: number): Retention => retentionOf(database, { ...usual, runs: { ...usual.runs, maxCount } });
    expect((await few(4).sweep(now, []))?.runs).toBe(2);
    expect((await new RunStore(database).list({ limit: 9, cursor: null })).runs.map(({ id }) => id)).toEqual(ids.slice(2).reverse());
    expect((await few(1).sweep(now, []))?.runs).toBe(2);
    expect((await new RunStore(database).list({ limit: 9, cursor: null })).runs.map(({ id }) => id)).toEqual(ids.slice(4).reverse());
  });

  describe('of windows', () => {
    const hour = 3_600_000;
    const windowAt = (at: number, service = 'checkout') => ({
      service,
      from: at,
      to: at + 60_000,
      cells: [],
      flags: { late: 0, overflow: false, restarted: false } as never,
    });
    const hourly = async (database: Database, days: number): Promise<void> => {
      const starts = Array.from({ length: days * 24 }, (_, index) => now.getTime() - (index + 1) * hour);
      await new WindowStore(database).append(starts.map((at) => windowAt(at)));
    };
    const oldest = async (database: Database): Promise<number> =>
      (await sql<{ at: number }>`select min(from_ms) as at from closed_window`.execute(database.db)).rows[0]?.at ?? Number.NaN;

    it('deletes those that are too old, and those that are too many', async () => {
      const database = await open();
      await hourly(database, 20);
      expect((await retentionOf(database).sweep(now, []))?.windows).toBe(6 * 24);
      expect(await oldest(database)).toBe(ago(14).getTime());
      const few = retentionOf(database, { ...usual, windows: { ...usual.windows, maxCount: 100 } });
      expect((await few.sweep(now, []))?.windows).toBe(14 * 24 - 100);
      expect(await rowsOf(database, 'closed_window')).toBe(100);
    });

    it('keeps what an open run reads with the time before it, and what a run of a template would read', async () => {
      const database = await open();
      await hourly(database, 40);
      const run = await runOfDay(database, 20, { ends: false });
      const reach = telemetryReachMs(run.template);
      expect(reach).toBeGreaterThan(0);
      await retentionOf(database).sweep(now, []);
      expect(await oldest(database)).toBe(Math.ceil((ago(20).getTime() - reach) / hour) * hour);
      const weekly = {
        ...run.template,
        cohorts: { ...run.template.cohorts, baseline: { beforeSeconds: 7 * 86_400, references: 4, promote: false } },
      };
      expect(telemetryReachMs(weekly)).toBe(reach + 28 * day);
      const ended = await new RunStore(database).advance(run, promote, now);
      expect(ended?.state).toBe('finished');
      await retentionOf(database).sweep(now, []);
      expect(await oldest(database)).toBe(ago(14).getTime());
      await hourly(database, 40);
      await retentionOf(database).sweep(now, [weekly]);
      expect(await oldest(database)).toBe(Math.ceil((now.getTime() - reach - 28 * day) / hour) * hour);
    });
  });

  it('ends between two portions when it is stopped, and goes on with the next pass', async () => {
    const database = await open();
    for (let index = 0; index < 6; index++) await runOfDay(database, 100 + index);
    const stop = new AbortController();
    const half = retentionOf(database).sweep(now, [], stop.signal);
    await new RetentionStore(database).bytes();
    stop.abort(new Error('stopped'));
    await expect(half).rejects.toThrow();
    expect((await retentionOf(database).sweep(now, []))?.keys).toBeLessThanOrEqual(6);
    expect([await rowsOf(database, 'run'), await rowsOf(database, 'look')]).toEqual([0, 0]);
  });

  it('is made by one replica at a time, and knows how large the store is', async () => {
    const database = await open();
    const beside = await database.exclusively('retention', () => retentionOf(database).sweep(now, []));
    expect(beside).toEqual(database.embedded ? nothing : null);
    expect(await retentionOf(database).sweep(now, [])).toEqual(nothing);
    expect(await retentionOf(database).storeBytes()).toBeGreaterThan(2 ** 20);
  });
});
