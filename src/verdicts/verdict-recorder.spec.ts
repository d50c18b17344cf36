import { expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sampleEndpoint } from '../../test/support/sample-endpoint.js';
import { sampleRun, sampleVerdict, sampleWindow } from '../../test/support/sample-run.js';
import { describeOnEveryStore } from '../../test/support/stores.js';
import type { Run, Verdict } from '../domain/index.js';
import { type Database, EndpointStore, LookStore, OutboxStore, RunStore } from '../storage/index.js';
import { VerdictRecorder } from './verdict-recorder.js';

Logger.overrideLogger(false);

const at = new Date('2026-03-01T12:04:15.000Z');
const hold = sampleVerdict();
const promote = sampleVerdict({ decision: 'promote', final: true, code: 'all-safe' });
const rollback = sampleVerdict({ decision: 'rollback', final: true, code: 'harm-evidence' });

const endpoint = sampleEndpoint();

interface Written {
  readonly run: Run;
  readonly looks: number;
  readonly events: readonly string[];
  readonly deliveries: readonly string[];
}

describeOnEveryStore('a verdict', (open) => {
  async function started(): Promise<{ database: Database; recorder: VerdictRecorder; run: Run; written: () => Promise<Written> }> {
    const database = await open();
    const [runs, looks] = [new RunStore(database), new LookStore(database)];
    const recorder = new VerdictRecorder(database, runs, looks, new OutboxStore(database, { publicUrl: 'https://assay.example' }));
    await new EndpointStore(database).create(endpoint);
    await new EndpointStore(database).create({ ...endpoint, id: 'ep_final', events: ['verdict.final'] });
    await new EndpointStore(database).create({ ...endpoint, id: 'ep_off', enabled: false });
    const { run } = await runs.create(sampleRun(), { idempotencyKey: null, requestHash: 'h', openKey: 'o' });
    const written = async (): Promise<Written> => ({
      run: await runs.get(run.id),
      looks: (await looks.looks(run.id)).length,
      events: (await database.db.selectFrom('event').select('type').orderBy('created_at').execute()).map(({ type }) => type),
      deliveries: (await database.db.selectFrom('delivery').select('endpoint_id').orderBy('position').execute()).map(
        (row) => row.endpoint_id,
      ),
    });
    return { database, recorder, run, written };
  }

  const look = (verdict: Verdict, index = 0) => ({ at, window: sampleWindow(index), verdict });

  it('is run, look and events at once, and is told after the commit', async () => {
    const { recorder, run, written } = await started();
    const told: Run[] = [];
    const stop = recorder.onRecorded((recorded) => told.push(recorded));
    recorder.onRecorded(() => {
      throw new Error('a bad listener');
    });
    const first = await recorder.record(run, look(hold));
    expect(first).toMatchObject({ looks: 1, state: 'running', verdict: hold });
    const last = first && (await recorder.record(first, look(rollback, 1)));
    expect(last).toMatchObject({ looks: 2, state: 'finished', verdict: rollback, finishedAt: at });
    stop();
    expect(told).toEqual([first, last]);
    expect(await written()).toMatchObject({ run: last, looks: 2, events: ['verdict.changed', 'verdict.final'] });
    expect((await written()).deliveries).toEqual(['ep_1', 'ep_1', 'ep_final']);
  });

  it('is not news while decision and code stay the same', async () => {
    const { recorder, run, written } = await started();
    const first = await recorder.record(run, look(hold));
    const second = first && (await recorder.record(first, look({ ...hold, reason: 'still not' }, 1)));
    expect(second?.looks).toBe(2);
    expect((await written()).events).toEqual(['verdict.changed']);
  });

  it('is refused where the run moved on, and then writes nothing', async () => {
    const { recorder, run, written } = await started();
    const told: Run[] = [];
    recorder.onRecorded((recorded) => told.push(recorded));
    const answers = await Promise.all([promote, rollback, hold].map((verdict) => recorder.record(run, look(verdict))));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    expect(told).toHaveLength(1);
    const before = await written();
    expect(before).toMatchObject({ looks: 1, events: [expect.any(String)] });
    expect(await recorder.record(run, look(rollback))).toBeNull();
    expect(await written()).toEqual(before);
  });

  it('is preceded by the news that the run started, told once', async () => {
    const { database, recorder } = await started();
    const key = { idempotencyKey: 'k', requestHash: 'h', openKey: 'another rollout' };
    const run = sampleRun({ id: 'run_another' });
    expect(await recorder.start(run, key)).toEqual({ run, created: true });
    expect(await recorder.start(run, key)).toEqual({ run, created: false });
    const told = await database.db.selectFrom('event').select(['id', 'type']).where('run_id', '=', run.id).execute();
    expect(told).toEqual([{ id: 'evt_another_0', type: 'run.started' }]);
  });

  it('of a cancelled run ends it without a window', async () => {
    const { recorder, run, written } = await started();
    const cancelled = sampleVerdict({ final: true, code: 'cancelled', reason: 'cancelled by ana: wrong build' });
    expect(await recorder.record(run, { at, window: null, verdict: cancelled })).toMatchObject({ state: 'cancelled', looks: 1 });
    expect((await written()).events).toEqual(['verdict.final']);
  });

  it('leaves nothing behind, and tells nobody, when its transaction fails', async () => {
    const { database, recorder, run, written } = await started();
    const before = await written();
    const told: Run[] = [];
    recorder.onRecorded((recorded) => told.push(recorded));
    const failing = database.transaction(async () => {
      await recorder.record(run, look(rollback));
      throw new Error('the process dies here');
    });
    await expect(failing).rejects.toThrow('the process dies here');
    expect(await written()).toEqual(before);
    expect(told).toEqual([]);
  });
});
