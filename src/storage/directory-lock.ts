import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { types } from 'node:util';
import { InvalidConfigError } from '../domain/index.js';

const sqlite = { busy: 5, corrupt: 11, notADatabase: 26 };

/**
 * Makes this process the only one that may open the embedded store: PGlite takes no lock, and two writers lose data.
 * The kernel holds the lock, so it dies with the process, however that ends; a pid file would not, and pids repeat in containers.
 *
 * @returns the release
 * @throws {InvalidConfigError} another process has it, or the place cannot be written
 */
export function lockDirectory(directory: string): () => void {
  const path = `${resolve(directory)}.lock`;
  const lock = openLockFile(path);
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive');
  } catch (cause) {
    lock.close();
    throw new InvalidConfigError(whyNotLocked(directory, path, cause), { cause });
  }
  return () => lock.close();
}

function openLockFile(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return new DatabaseSync(path);
  } catch (cause) {
    throw new InvalidConfigError(`the store's lock file ${path} cannot be created: is the directory writable?`, { cause });
  }
}

function whyNotLocked(directory: string, path: string, cause: unknown): string {
  const code = types.isNativeError(cause) && 'errcode' in cause ? cause.errcode : null;
  if (code === sqlite.busy) return `the store ${directory} is open in another process: end that one, or give this one its own directory`;
  if (code === sqlite.corrupt || code === sqlite.notADatabase)
    return `the store's lock file ${path} is not one: remove it, it holds no data`;
  return `the store ${directory} cannot be locked: ${path} is not writable`;
}
