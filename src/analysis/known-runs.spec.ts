import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleRun, sampleVerdict } from '../../test/support/sample-run.js';
import { openMemoryStore, patienceMs } from '../../test/support/stores.js';
import type { Settings } from '../config/index.js';
import { Database, LookStore, newRunId, OutboxStore, RunStore } from '../storage/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { KnownRuns } from './known-runs.js';
import { RunFeed } from './run-feed.js';

let database: Database;
let runs: RunStore;
let verdicts: VerdictRecorder;
let known: KnownRuns;
beforeAll(async () => {
  database = await openMemoryStore();
  runs = new RunStore(database);
  verdicts = new VerdictRecorder(
    database,
    runs,
    new LookStore(database),
    new OutboxStore(database, { publicUrl: 'http://assay.example' } as Settings),
  );
  known = new KnownRuns(runs, database, verdicts);
}, patienceMs);
afterAll(async () => {
  known.onModuleDestroy();
  await database.close();
});

const at = new Date('2026-03-01T12:01:00.000Z');
const startRun = async (): Promise<string> => {
  const id = newRunId(new Date());
  await verdicts.start(sampleRun({ id }), { idempotencyKey: null, requestHash: id, openKey: id });
  return id;
};
const look = async (id: string, final = false): Promise<void> => {
  const run = await runs.get(id);
  await verdicts.record(run, { at, window: null, verdict: sampleVerdict({ final, code: final ? 'cancelled' : 'insufficient-evidence' }) });
};

describe('what is known of runs', () => {
  it('is what the store holds, after the start, each look, a change of phase and the end', async () => {
    const id = await startRun();
    expect(await known.get(id)).toEqual(await runs.get(id));
    await look(id);
    expect(await known.get(id)).toEqual(await runs.get(id));
    await verdicts.addPhase(id, { at, weight: 0.5, phase: 0 });
    expect((await known.get(id)).phaseChanges).toHaveLength(2);
    await look(id, true);
    expect((await known.get(id)).state).toBe('cancelled');
    expect(await known.get(id)).toEqual(await runs.get(id));
  });

  it('is the newest, though a run is read while it moves on', async () => {
    const id = newRunId(new Date());
    await runs.create(sampleRun({ id }), { idempotencyKey: null, requestHash: id, openKey: id });
    const [read] = await Promise.all([known.get(id), look(id)]);
    expect([0, 1]).toContain(read.looks);
    expect((await known.get(id)).looks).toBe(1);
  });

  it('does not hold a run that was never there', async () => {
    await expect(known.get('run_none')).rejects.toMatchObject({ code: 'ASSAY_NOT_FOUND' });
  });
});

describe('who follows a run', () => {
  it('sees every state that was there when it looked, the end as well, and nothing twice', async () => {
    const id = await startRun();
    const seen: number[] = [];
    const following = (async () => {
      for await (const run of new RunFeed(known, verdicts).subscribe(id, AbortSignal.timeout(20_000))) {
        seen.push(run.looks);
        if (run.looks < 4) await look(id, run.looks === 3);
        if (run.looks === 1) await verdicts.addPhase(id, { at, weight: 0.5, phase: 0 }); // no news for who waits for a verdict
      }
    })();
    await following;
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('sees the newest state after a pause in which much happened', async () => {
    const id = await startRun();
    const feed = new RunFeed(known, verdicts).subscribe(id, AbortSignal.timeout(20_000));
    await feed.next();
    for (let index = 0; index < 3; index += 1) await look(id);
    expect((await feed.next()).value).toMatchObject({ looks: 3 });
    await feed.return();
  });
});
