import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { Database } from '../../src/storage/index.js';

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
