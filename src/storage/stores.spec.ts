import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { sampleRun, sampleVerdict, sampleWindow } from '../../test/support/sample-run.js';
import { describeOnEveryStore } from '../../test/support/stores.js';
import { type ClosedWindow, ConflictError, NotFoundError } from '../domain/index.js';
import { type Database } from './database.js';
import { HistoryStore } from './history.store.js';
import { newRunId } from './ids.js';
import { LookStore } from './look.store.js';
import { RunStore } from './run.store.js';
import { WindowStore } from './window.store.js';

const noon = new Date('2026-03-01T12:00:00.000Z');
const key = { idempotencyKey: null, requestHash: 'h', openKey: 'http-service checkout 1.5.0' };
const promote = sampleVerdict({ decision: 'promote', final: true, code: 'all-safe' });

describeOnEveryStore('the stores', (open) => {
  describe('runs', () => {
    it('gives back a run as it was, with hostile texts and infinite bounds', async () => {
      const runs = new RunStore(await open());
      const labels = { 'a\0b': '\ud800', __proto__x: 'NaN', 'k"=': "'; drop table run; --" };
      const run = sampleRun({ labels, names: { baseline: 'Infinity', canary: '\0' }, to: noon, rerunOf: 'run_x', mode: 'retrospective' });
      expect(await runs.create(run, key)).toEqual({ run, created: true });
      expect(await runs.get(run.id)).toEqual(run);
      const withVerdict = await runs.advance(run, sampleVerdict(), noon);
      expect(withVerdict).toEqual({ ...run, looks: 1, verdict: sampleVerdict() });
      expect(await runs.get(run.id)).toEqual(withVerdict);
      expect((await runs.list({ limit: 5, cursor: null, labels })).runs).toHaveLength(1);
      await expect(runs.get('run_\0')).rejects.toBeInstanceOf(NotFoundError);
    });

    it('starts one run however often it is asked for at once', async () => {
      const runs = new RunStore(await open());
      const asked = Array.from({ length: 50 }, (_, index) =>
        runs.create(sampleRun({ id: newRunId(noon) }), { ...key, idempotencyKey: index % 2 ? 'deploy-4711' : null }),
      );
      const answers = await Promise.all(asked);
      expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect((await runs.list({ limit: 100, cursor: null })).runs).toHaveLength(1);
    });

    it('answers a repeated request with its run even after that has ended, and refuses the key for another request', async () => {
      const runs = new RunStore(await open());
      const asked = { ...key, idempotencyKey: 'k' };
      const { run } = await runs.create(sampleRun(), asked);
      const ended = await runs.advance(run, promote, noon);
      const again = sampleRun({ id: newRunId(noon), createdAt: new Date(noon.getTime() + 3_600_000) });
      expect(await runs.create(again, asked)).toEqual({ run: ended, created: false });
      await expect(runs.create(again, { ...asked, requestHash: 'other' })).rejects.toBeInstanceOf(ConflictError);
      expect(await runs.create(again, { ...asked, idempotencyKey: null })).toEqual({ run: again, created: true });
    });

    it('remembers the key of a request that joined an open run', async () => {
      const runs = new RunStore(await open());
      const { run } = await runs.create(sampleRun(), key);
      const joined = { ...key, idempotencyKey: 'second pipeline' };
      expect((await runs.create(sampleRun({ id: newRunId(noon) }), joined)).run.id).toBe(run.id);
      await runs.advance(run, promote, noon);
      expect((await runs.create(sampleRun({ id: newRunId(noon) }), joined)).run.id).toBe(run.id);
    });

    it('forgets a key after 24 hours', async () => {
      const runs = new RunStore(await open());
      const asked = { ...key, idempotencyKey: 'k' };
      const { run } = await runs.create(sampleRun(), asked);
      await runs.advance(run, promote, noon);
      const nextDay = sampleRun({ id: newRunId(noon), createdAt: new Date(noon.getTime() + 24 * 3_600_000 + 1) });
      expect((await runs.create(nextDay, { ...asked, requestHash: 'other' })).created).toBe(true);
    });

    it('lists newest first, page by page, by state, template and labels', async () => {
      const runs = new RunStore(await open());
      for (let index = 0; index < 5; index++) {
        const id = newRunId(new Date(noon.getTime() + index));
        const labels: Record<string, string> = { pipeline: String(index % 2), team: 'shop' };
        const { run } = await runs.create(sampleRun({ id, labels }), { ...key, openKey: id });
        if (index === 0) await runs.advance(run, promote, noon);
      }
      const first = await runs.list({ limit: 2, cursor: null });
      const second = await runs.list({ limit: 2, cursor: first.next });
      const third = await runs.list({ limit: 2, cursor: second.next });
      const ids = [first, second, third].flatMap((page) => page.runs.map(({ id }) => id));
      expect(ids).toEqual([...ids].sort().reverse());
      expect([new Set(ids).size, third.next]).toEqual([5, null]);
      expect((await runs.list({ limit: 9, cursor: null, state: 'running' })).runs).toHaveLength(4);
      expect((await runs.list({ limit: 9, cursor: null, labels: { pipeline: '1', team: 'shop' } })).runs).toHaveLength(2);
      expect((await runs.list({ limit: 9, cursor: null, template: 'other' })).runs).toHaveLength(0);
      expect((await runs.running()).map(({ id }) => id)).toEqual([...ids].reverse().slice(1));
    });

    it('declares phases while the run goes on, and no longer', async () => {
      const runs = new RunStore(await open());
      const { run } = await runs.create(sampleRun(), key);
      const change = { at: new Date(noon.getTime() + 60_000), weight: 0.2, phase: 1 };
      expect((await runs.addPhase(run.id, change)).phaseChanges).toEqual([...run.phaseChanges, change]);
      const ended = await runs.advance(run, promote, noon);
      expect(ended?.phaseChanges).toEqual([...run.phaseChanges, change]);
      await expect(runs.addPhase(run.id, change)).rejects.toBeInstanceOf(ConflictError);
      await expect(runs.addPhase('run_none', change)).rejects.toBeInstanceOf(NotFoundError);
    });
  });

  describe('a final verdict', () => {
    async function finished(database: Database): Promise<string> {
      const { run } = await new RunStore(database).create(sampleRun(), key);
      await new RunStore(database).advance(run, promote, noon);
      await new LookStore(database).append({ runId: run.id, sequence: 1, at: noon, verdict: promote }, null);
      return run.id;
    }

    it.each([
      [`update run set decision = 'rollback'`],
      [`update run set verdict = '{}'`],
      [`update run set final = false, state = 'running'`],
      [`update run set state = 'cancelled'`],
      [`update run set looks = looks + 1`],
      [`update run set document = '{}'`],
      [`update look set verdict = '{}'`],
      [`delete from look`],
      [`insert into look select run_id, 2, at, final, verdict, measured from look`],
    ])('is not changed by %s', async (statement) => {
      const database = await open();
      const id = await finished(database);
      await expect(sql.raw(statement).execute(database.db)).rejects.toThrow(/final|look_final/);
      expect((await new RunStore(database).get(id)).verdict).toEqual(promote);
      expect(await new LookStore(database).looks(id)).toHaveLength(1);
    });

    it('goes when its run goes', async () => {
      const database = await open();
      const id = await finished(database);
      await sql`delete from run where id = ${id}`.execute(database.db);
      expect(await new LookStore(database).looks(id)).toEqual([]);
    });

    it('is given once, whoever asks first', async () => {
      const runs = new RunStore(await open());
      const { run } = await runs.create(sampleRun(), key);
      const verdicts = [promote, sampleVerdict({ decision: 'rollback', final: true, code: 'harm-evidence' }), sampleVerdict()];
      const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => runs.advance(run, verdicts[index % 3] ?? promote, noon)));
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    });
  });

  describe('looks and windows', () => {
    it('replay a run in its order', async () => {
      const database = await open();
      const looks = new LookStore(database);
      const { run } = await new RunStore(database).create(sampleRun(), key);
      for (const sequence of [1, 2, 3, 4]) {
        const window = sequence === 3 ? null : sampleWindow(sequence);
        await looks.append({ runId: run.id, sequence, at: noon, verdict: sampleVerdict({ score: sequence }) }, window);
      }
      const measured = await looks.measured(run.id);
      expect(measured).toEqual([1, 2, 4].map((index) => sampleWindow(index)));
      expect(JSON.stringify(measured[0])).toBe(JSON.stringify(sampleWindow(1)));
      expect((await looks.looks(run.id, { after: 1, limit: 2 })).map(({ sequence, verdict }) => [sequence, verdict.score])).toEqual([
        [2, 2],
        [3, 3],
      ]);
      expect(await looks.looks(run.id)).toHaveLength(4);
    });

    it('keep what a run knew of its baseline, the first time it is said', async () => {
      const database = await open();
      const histories = new HistoryStore(database);
      const run = sampleRun();
      await new RunStore(database).create(run, key);
      expect(await histories.find(run.id)).toBeNull();
      const [first, second] = [[sampleWindow(1)], [sampleWindow(2)]];
      expect(await histories.keep(run.id, first)).toEqual(first);
      expect(await histories.keep(run.id, second)).toEqual(first);
      expect(await histories.find(run.id)).toEqual(first);
    });

    it('takes a sequence once', async () => {
      const database = await open();
      const looks = new LookStore(database);
      const { run } = await new RunStore(database).create(sampleRun(), key);
      const look = { runId: run.id, sequence: 1, at: noon, verdict: sampleVerdict() };
      await looks.append(look, null);
      await expect(looks.append(look, null)).rejects.toThrow();
    });

    it('keep closed windows once, in time and service order, until they are old', async () => {
      const windows = new WindowStore(await open());
      const window = (service: string, from: number): ClosedWindow => ({
        service,
        from,
        to: from + 15_000,
        flags: { late: 0, overflow: 0 },
        cells: [
          {
            signal: 'span',
            instrument: null,
            attributes: { 'service.name': service, __proto__x: '\0' },
            count: 3,
            sum: 0.1,
            sumOfSquares: 0.01,
            last: Number.NaN,
            histogram: { kind: 'exponential', scale: 3, zeroCount: 0, offset: -4, counts: [1, 0, 2] },
          },
        ],
      });
      const long = 'x'.repeat(5000);
      const t = noon.getTime();
      const all = [window('shop', t), window('cart\0', t), window(long, t), window('shop', t + 15_000), window('shop', t + 30_000)];
      expect(await windows.newestEnd()).toBeNull();
      expect(await windows.append(all)).toBe(5);
      expect(await windows.newestEnd()).toBe(t + 45_000);
      expect(await windows.append([{ ...window('shop', t), cells: [] }, window('shop', t + 45_000)])).toBe(1);
      expect(await windows.append([])).toBe(0);
      expect(await windows.read({ service: 'shop', from: t, to: t + 45_000 })).toEqual([all[0], all[3], all[4]]);
      expect(await windows.read({ service: long, from: t, to: t + 15_000 })).toEqual([all[2]]);
      expect(await windows.read({ service: null, from: t + 1, to: t + 44_999 })).toEqual([all[3]]);
      expect(await windows.read({ from: t, to: t + 15_000 })).toHaveLength(3);
      expect(await windows.deleteBefore(t + 30_000)).toBe(4);
      expect(await windows.read({ from: 0, to: t * 2 })).toEqual([all[4], window('shop', t + 45_000)]);
    });

    it('keep what was lost, for every service and every window that overlaps it', async () => {
      const windows = new WindowStore(await open());
      const t = noon.getTime();
      const whole = { service: 'shop', from: t, to: t + 15_000, cells: [], flags: { late: 0, overflow: 0 } };
      await windows.append([whole]);
      for (const _ of ['once', 'again']) await windows.markLost([{ from: t + 20_000, to: t + 47_000 }]);
      const asked = async (from: number, to: number) =>
        (await windows.read({ service: 'shop', from: t + from, to: t + to })).map(({ service, flags }) => [service, flags.incomplete]);
      expect(await asked(0, 20_000)).toEqual([['shop', undefined]]);
      expect(await asked(0, 21_000)).toEqual([
        ['shop', undefined],
        ['', true],
      ]);
      expect(await asked(30_000, 45_000)).toEqual([['', true]]);
      expect(await asked(47_000, 60_000)).toEqual([]);
      expect(await windows.newestEnd()).toBe(t + 15_000);
    });

    it('keep a thousand windows in one go', async () => {
      const windows = new WindowStore(await open());
      const many = Array.from({ length: 1000 }, (_, index) => ({
        service: `s${index}`,
        from: 0,
        to: 15_000,
        cells: [],
        flags: { late: 0, overflow: 0 },
      }));
      expect(await windows.append(many)).toBe(1000);
      expect(await windows.read({ from: 0, to: 15_000 })).toHaveLength(1000);
    });
  });
});
