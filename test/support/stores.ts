import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { sql } from 'kysely';
import { Database } from '../../src/storage/index.js';
import { type PostgresServer, postgresIsThere, startPostgres } from './postgres.js';

/** A store opens in half a second where nothing else runs, in ten where everything does. */
export const patienceMs = 60_000;

const cache = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/.cache/assay/initial-store.tar');

/** A fresh store in memory, within half a second: the initialised files are made once and kept in node_modules/.cache. */
export async function openMemoryStore(): Promise<Database> {
  return Database.open({ databaseUrl: null, directory: 'memory:', initial: await initialFiles() });
}

/** What a new embedded store consists of, as a tar. */
export async function initialFiles(): Promise<Blob> {
  if (!existsSync(cache)) await writeInitialFiles();
  return new Blob([readFileSync(cache)]);
}

async function writeInitialFiles(): Promise<void> {
  const lite = await PGlite.create({ postgresqlconf: ['shared_buffers=16MB'] });
  const files = await lite.dumpDataDir('none');
  await lite.close();
  mkdirSync(dirname(cache), { recursive: true });
  const unfinished = `${cache}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await files.arrayBuffer()));
  renameSync(unfinished, cache); // workers that make it at the same time write the same thing
}

/**
 * The same specs on the embedded store and on PostgreSQL. `open` gives a store with empty tables, the same one to every spec.
 * PostgreSQL is left out, in one line, where there is none; `ASSAY_REQUIRE_SERVERS=1` makes that a failure.
 */
export function describeOnEveryStore(name: string, specs: (open: () => Promise<Database>) => void): void {
  jest.setTimeout(patienceMs);
  describe(`${name}, embedded`, () => specs(shared(openMemoryStore)));

  if (!postgresIsThere() && process.env['ASSAY_REQUIRE_SERVERS'] !== '1') {
    process.stdout.write(`skipped: ${name}, on PostgreSQL (no server found; set ASSAY_TEST_DATABASE_URL or install one)\n`);
    describe.skip(`${name}, on PostgreSQL`, () => specs(openMemoryStore));
    return;
  }
  describe(`${name}, on PostgreSQL`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    }, patienceMs);
    specs(shared(async () => Database.open({ databaseUrl: await server.newDatabase(), directory: '' })));
    afterAll(() => server.stop());
  });
}

/** One store for all specs around it, emptied for each; another one after a spec has closed it. */
export function shared(open: () => Promise<Database>): () => Promise<Database> {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  }, patienceMs);
  afterAll(() => database?.close());
  return async () => {
    if (await isOpen(database)) await emptied(database);
    else database = await open();
    return database;
  };
}

const isOpen = (database: Database): Promise<boolean> =>
  database.ping().then(
    () => true,
    () => false,
  );

async function emptied({ db }: Database): Promise<void> {
  await sql`truncate run, idempotency_key, look, baseline_history, closed_window, stream_group, stream_progress, stream_window_part, endpoint, event, delivery, delivery_attempt, foreign_document`.execute(
    db,
  );
}
