import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type PGlite } from '@electric-sql/pglite';
import { InvalidConfigError, StoreUnavailableError } from '../domain/index.js';

/** The PostgreSQL in this release of Assay, as its files name it. */
const filesVersion = '18';

/** Without these nothing can be read. */
const essential = ['global/pg_control', 'base', 'global', 'pg_wal', 'pg_xact', 'pg_multixact', 'postgresql.conf'];

/**
 * With less the embedded store is not opened, and refuses to write: its log of changes grows by 16 MiB at once, and PostgreSQL ends the process
 * that finds no room for that, or hangs after a checkpoint that found none.
 */
export const spareBytes = 24 * 2 ** 20;

const asBefore = 'put back the files as they were, or a copy of the whole directory (docs/storage.md, Backup)';

/** Bytes that this process may still write where the directory is or will be. */
export function freeBytes(directory: string): number {
  let place = resolve(directory);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

const writing = /^\s*(?:insert|update|delete|with\s|create|alter|drop|truncate|vacuum|checkpoint)/i;

/** @throws Error with PostgreSQL's code for a full disk: the statement would write, and there is too little room */
export function refuseToWrite(directory: string, statement: string): void {
  if (!writing.test(statement) || freeBytes(directory) >= spareBytes) return;
  const error = new Error(`the disk of the store is full: ${spareBytes / 2 ** 20} MiB must be free`);
  throw Object.assign(error, { code: '53100' });
}

/**
 * Refuses what cannot be opened as a store before anything is written to it.
 *
 * @throws {InvalidConfigError} files of another version, or some are missing
 * @throws {StoreUnavailableError} the disk is full
 */
export function refuseUnfit(directory: string): void {
  refuseForeign(directory);
  refuseFull(directory);
  if (!existsSync(join(directory, 'PG_VERSION')) || existsSync(markerOf(directory))) return;
  const version = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  if (version !== filesVersion) {
    const what = /^\d{1,3}$/.test(version) ? `has files of PostgreSQL ${version}` : 'has a damaged PG_VERSION';
    throw new InvalidConfigError(
      `the store ${directory} ${what}, and this Assay reads ${filesVersion}: start the Assay that wrote it, or give a new directory`,
    );
  }
  const missing = essential.filter((name) => !existsSync(join(directory, name)));
  if (missing.length > 0) throw new InvalidConfigError(`the store ${directory} is damaged, ${missing.join(', ')} missing: ${asBefore}`);
}

/**
 * Makes room for a new store. A start that was cut short before any store was there has left nothing that was acknowledged: it is begun again.
 *
 * @returns to be called when the store is there
 */
export function beginNewStore(directory: string): () => void {
  const marker = markerOf(directory);
  if (existsSync(join(directory, 'PG_VERSION')) && !existsSync(marker)) return () => {};
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true }); // ours, or it would have been refused
  writeFileSync(marker, '');
  return () => rmSync(marker, { force: true });
}

/** Why a store that looked fit could not be opened. */
export function whyNotOpened(directory: string, cause: unknown): Error {
  if (cause instanceof InvalidConfigError || cause instanceof StoreUnavailableError) return cause;
  if (/ENOSPC|53100|no space left/i.test(textOf(cause)) || freeBytes(directory) < spareBytes) return diskFull(directory, cause);
  return new InvalidConfigError(`the store ${directory} cannot be opened, its files are damaged: ${asBefore}`, { cause });
}

/**
 * Looks for files of tables and indexes that are gone or cut off, which would otherwise be found out by the first request that needs them.
 *
 * @throws {InvalidConfigError}
 */
export async function refuseDamaged(directory: string, lite: PGlite): Promise<void> {
  const { rows } = await lite.query<{ relname: string }>(`
    select relname from pg_class, lateral (select (pg_stat_file(pg_relation_filepath(oid), true)).size) as file
    where relkind in ('r', 'i', 't', 'S') and (
      file.size is null or file.size % 8192 <> 0 or (file.size = 0 and (relkind = 'i' or relpages > 0)))
    order by relname limit 5`);
  if (rows.length === 0) return;
  const names = rows.map(({ relname }) => relname).join(', ');
  throw new InvalidConfigError(`the store ${directory} is damaged, files of ${names} are missing or cut off: ${asBefore}`);
}

/** Beside the directory, as its lock is: there while a first start has not made all files. */
const markerOf = (directory: string): string => `${resolve(directory)}.unfinished`;

/** A wrong path must not sow a thousand database files among somebody's own. A start that was cut short left only ours behind. */
function refuseForeign(directory: string): void {
  if (!existsSync(directory) || existsSync(join(directory, 'PG_VERSION'))) return;
  if (!statSync(directory).isDirectory()) throw new InvalidConfigError(`the store ${directory} is a file: give a directory`);
  const names = readdirSync(directory);
  const foreign = names.find((name) => !/^(?:base|global|pg_\w+(?:\.conf)?|postgresql\.\w*\.?conf|postmaster\.\w+)$/.test(name));
  if (foreign !== undefined) {
    throw new InvalidConfigError(`the directory ${directory} holds other things (${foreign}) and no store: choose an empty or new one`);
  }
  if (existsSync(join(directory, 'global/pg_control')) && !existsSync(markerOf(directory))) {
    throw new InvalidConfigError(`the store ${directory} is damaged, PG_VERSION is missing: ${asBefore}`);
  }
}

function refuseFull(directory: string): void {
  if (freeBytes(directory) < spareBytes) throw diskFull(directory);
}

const diskFull = (directory: string, cause?: unknown): StoreUnavailableError =>
  new StoreUnavailableError(
    `the disk of the store ${directory} is full: make ${spareBytes / 2 ** 20} MiB of space and start again; nothing is damaged`,
    { cause },
  );

const textOf = (cause: unknown): string =>
  cause instanceof Error ? `${(cause as NodeJS.ErrnoException).code ?? ''} ${cause.message}` : String(cause);
