import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { InvalidConfigError } from '../../src/domain/index.js';
import { Database, RunStore } from '../../src/storage/index.js';

const patienceMs = 180_000;
const folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
const directory = join(folder, 'store');
const writers: ChildProcess[] = [];

afterEach(() => {
  for (const writer of writers.splice(0)) writer.kill('SIGKILL');
});

/** A process that starts and ends runs, and the lines in which it says which are committed. */
function startWriter(): { writer: ChildProcess; lines: AsyncIterator<string> } {
  const hooks = resolve('test/support/typescript-hooks.mjs');
  const options = ['--liftoff-only', '--disable-warning=ExperimentalWarning', '--import', hooks];
  const writer = spawn(process.execPath, [...options, resolve('test/support/store-writer.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writers.push(writer);
  if (!writer.stdout) throw new Error('the writer has no output');
  return { writer, lines: createInterface({ input: writer.stdout })[Symbol.asyncIterator]() };
}

/** Kills a writer at some moment of its work; the ids of the runs that it said were committed. */
async function killedWriter(committedRuns: number): Promise<string[]> {
  const { writer, lines } = startWriter();
  const ready = await lines.next();
  expect(ready.value).toBe('ready');
  await expect(Database.open({ databaseUrl: null, directory })).rejects.toThrow(
    `the store ${directory} is open in another process: end that one, or give this one its own directory`,
  );
  const committed: string[] = [];
  while (committed.length < committedRuns) committed.push(String((await lines.next()).value));
  writer.kill('SIGKILL');
  for (let line = await lines.next(); !line.done; line = await lines.next()) committed.push(String(line.value));
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  return committed;
}

it(
  'survives kill -9: nothing that was committed is lost, nothing is half there, and one process has it at a time',
  async () => {
    const committed: string[] = [];
    for (const runs of [3, 11, 26]) {
      committed.push(...(await killedWriter(runs)));
      const began = performance.now();
      const database = await Database.open({ databaseUrl: null, directory });
      process.stdout.write(`reopened after kill -9 in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
      const found = await Promise.all(committed.map((id) => new RunStore(database).find(id)));
      expect(found.map((run) => [run?.state, run?.verdict?.decision, run?.looks])).toEqual(committed.map(() => ['finished', 'promote', 2]));
      const { rows } = await sql<{ wrong: number }>`
        select count(*) as wrong from run r where
          r.looks <> (select count(*) from look where run_id = r.id)
          or r.looks <> (select count(*) from event where run_id = r.id)
          or r.looks <> (select count(*) from delivery where run_id = r.id)
          or r.final <> exists (select 1 from look where run_id = r.id and final)
          or not exists (select 1 from idempotency_key where run_id = r.id)`.execute(database.db);
      expect(rows).toEqual([{ wrong: 0 }]);
      await database.close();
    }
    expect(committed.length).toBeGreaterThanOrEqual(40);
    rmSync(folder, { recursive: true, force: true });
  },
  patienceMs,
);

it('opens nothing in a folder that holds other things', async () => {
  const documents = mkdtempSync(join(tmpdir(), 'assay-documents-'));
  writeFileSync(join(documents, 'letter.txt'), 'dear');
  const opening = Database.open({ databaseUrl: null, directory: documents });
  await expect(opening).rejects.toBeInstanceOf(InvalidConfigError);
  await expect(opening).rejects.toThrow('holds other things (letter.txt) and no store: choose an empty or new one');
  expect(readdirSync(documents)).toEqual(['letter.txt']);
  rmSync(documents, { recursive: true });
});

it(
  'says in one sentence that its files are of another version',
  async () => {
    const damaged = mkdtempSync(join(tmpdir(), 'assay-damaged-'));
    writeFileSync(join(damaged, 'PG_VERSION'), '15\n');
    const opening = Database.open({ databaseUrl: null, directory: damaged });
    await expect(opening).rejects.toBeInstanceOf(InvalidConfigError);
    await expect(opening).rejects.toThrow(
      'has files of PostgreSQL 15, and this Assay reads 18: start the Assay that wrote it, or give a new directory',
    );
    rmSync(damaged, { recursive: true });
    rmSync(`${damaged}.lock`, { force: true });
  },
  patienceMs,
);
