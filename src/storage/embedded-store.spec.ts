import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { sampleRun } from '../../test/support/sample-run.js';
import { smallDisk } from '../../test/support/small-disk.js';
import { initialFiles, patienceMs } from '../../test/support/stores.js';
import { InvalidConfigError, StoreUnavailableError } from '../domain/index.js';
import { Database } from './database.js';
import { freeBytes, spareBytes } from './embedded-files.js';
import { newRunId } from './ids.js';
import { RunStore } from './run.store.js';

jest.setTimeout(patienceMs);

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-embedded-'));
  directory = join(folder, 'store');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = async (): Promise<Database> => Database.open({ databaseUrl: null, directory, initial: await initialFiles() });
/** As a start after the first one does. */
const reopen = (): Promise<Database> => Database.open({ databaseUrl: null, directory });

async function start(database: Database): Promise<string> {
  const id = newRunId(new Date());
  await new RunStore(database).create(sampleRun({ id }), { idempotencyKey: null, requestHash: 'h', openKey: id });
  return id;
}

describe('a damaged store', () => {
  /** Where the file of a table is, in a store that has one run. */
  async function storeWithRun(): Promise<string> {
    const database = await open();
    await start(database);
    const { rows } = await sql<{ path: string }>`select pg_relation_filepath('look_pkey') as path`.execute(database.db);
    await database.close();
    return join(directory, rows[0]?.path ?? '');
  }

  const refused = async (what: string): Promise<void> => {
    const opening = reopen();
    await expect(opening).rejects.toBeInstanceOf(InvalidConfigError);
    await expect(opening).rejects.toThrow(`the store ${directory} ${what}`);
  };

  it('is not opened, and is told by name, whatever is missing or cut off', async () => {
    const index = await storeWithRun();
    truncateSync(index, 100);
    await refused('is damaged, files of look_pkey are missing or cut off: put back the files as they were, or a copy');
    unlinkSync(index);
    await refused('is damaged, files of look_pkey are missing or cut off');
    rmSync(join(directory, 'pg_xact'), { recursive: true });
    await refused('is damaged, pg_xact missing');
    writeFileSync(join(directory, 'PG_VERSION'), '15\n');
    await refused('has files of PostgreSQL 15, and this Assay reads 18: start the Assay that wrote it, or give a new directory');
    rmSync(join(directory, 'PG_VERSION'));
    await refused('is damaged, PG_VERSION is missing');
  });

  it('is not opened with a control file of noise', async () => {
    await storeWithRun();
    writeFileSync(join(directory, 'global/pg_control'), Buffer.alloc(8192, 0x5a));
    await refused('cannot be opened, its files are damaged');
  });

  it('is refused where a newer Assay has written it', async () => {
    const database = await open();
    await sql`insert into assay_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01')`.execute(database.db);
    await database.close();
    await expect(reopen()).rejects.toThrow('the store was written by a newer Assay (9999-from-the-future): start that version, or restore');
  });

  it('is begun again where its very first start was cut short', async () => {
    mkdirSync(join(directory, 'base'), { recursive: true });
    writeFileSync(join(directory, 'PG_VERSION'), '18\n');
    writeFileSync(`${directory}.unfinished`, '');
    const database = await open();
    await start(database);
    expect(existsSync(`${directory}.unfinished`)).toBe(false);
    await database.close();
  });

  it('says what to do with a lock file that is none', async () => {
    writeFileSync(`${directory}.lock`, 'x'.repeat(4096));
    await expect(reopen()).rejects.toThrow(`the store's lock file ${directory}.lock is not one: remove it, it holds no data`);
  });
});

it('refuses to write while the disk is full, reads on, and loses nothing', async () => {
  const small = smallDisk('a full disk');
  if (small === null) return;
  const disk = small.path;
  try {
    directory = join(disk, 'store');
    const ballast = join(disk, 'ballast');
    const fill = (): void => {
      rmSync(ballast, { force: true });
      writeFileSync(ballast, Buffer.alloc(Math.max(0, freeBytes(disk) - spareBytes / 2)));
    };
    fill();
    await expect(reopen()).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(reopen()).rejects.toThrow(
      `the disk of the store ${directory} is full: make 24 MiB of space and start again; nothing is damaged`,
    );
    expect(existsSync(directory)).toBe(false);
    unlinkSync(ballast);
    small.grow(128);
    const database = await open();
    const started = [await start(database)];
    fill();
    for (let attempt = 0; attempt < 20; attempt++) await expect(start(database)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(database.hasRoom()).toBe(false);
    await database.ping();
    expect((await new RunStore(database).get(started[0] ?? '')).id).toBe(started[0]);
    unlinkSync(ballast);
    started.push(await start(database));
    fill();
    await database.close();
    await expect(reopen()).rejects.toThrow('is full');
    unlinkSync(ballast);
    const again = await reopen();
    expect((await new RunStore(again).list({ limit: 9, cursor: null })).runs.map(({ id }) => id)).toEqual(started.reverse());
    await again.close();
  } finally {
    small.remove();
  }
});
