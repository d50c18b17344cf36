import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PGlite, types } from '@electric-sql/pglite';
import { type Dialect, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { InvalidConfigError } from '../domain/index.js';
import { lockDirectory } from './directory-lock.js';
import { beginNewStore, freeBytes, refuseDamaged, refuseToWrite, refuseUnfit, spareBytes, whyNotOpened } from './embedded-files.js';

/** An opened driver: how Kysely talks to it, and how it is let go. */
export interface OpenedDriver {
  readonly dialect: Dialect;
  /** false: what would write is refused until there is more space */
  hasRoom(): boolean;
  close(): Promise<void>;
}

/** One row per type whose default reading differs between the two drivers. */
const parsers: Record<number, (text: string) => unknown> = {
  [types.INT8]: Number,
  [types.NUMERIC]: (text) => text,
  [types.DATE]: (text) => text,
  [types.INTERVAL]: (text) => text,
  [types.BYTEA]: (text) => Buffer.from(text.slice(2), 'hex'),
};

/** PGlite writes bytes a character at a time, which takes longer than storing them: 10 ms for 40 KB. */
const serializers: Record<number, (value: unknown) => string> = {
  [types.BYTEA]: (bytes) => `\\x${Buffer.from(bytes as Uint8Array).toString('hex')}`,
};

/** A pool on a PostgreSQL server. `sslmode` and the like come with the URL; its password is never repeated in an error. */
export function openPostgres(databaseUrl: string, onIdleError: (error: Error) => void): OpenedDriver {
  if (!URL.canParse(databaseUrl)) throw new InvalidConfigError('the database URL cannot be read: expected postgres://user@host:5432/name');
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'assay',
    max: 10,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    query_timeout: 12_000,
    idle_in_transaction_session_timeout: 20_000,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        parsers[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  pool.on('error', onIdleError); // without a listener a lost idle connection would end the process
  const close = async (): Promise<void> => {
    pool.removeListener('error', onIdleError); // Kysely has ended the pool; its last sockets may still break
    pool.on('error', () => {});
  };
  return { dialect: new PostgresDialect({ pool }), hasRoom: () => true, close };
}

/**
 * PostgreSQL inside this process, in `directory` or (`memory:`) in memory.
 *
 * @param initial  an initialised directory as a tar; saves the seconds that the very first start takes
 * @throws {InvalidConfigError} the directory is in use, not writable, not a store or damaged
 * @throws {StoreUnavailableError} the disk is full
 */
export async function openEmbedded(directory: string, initial: Blob | null): Promise<OpenedDriver> {
  if (directory === 'memory:') return opened(await createLite(null, initial), null, () => {});
  refuseUnfit(directory);
  const unlock = lockDirectory(directory);
  let lite: PGlite | null = null;
  try {
    refuseUnfit(directory); // another process may have begun it meanwhile
    const isThere = beginNewStore(directory);
    lite = await createLite(directory, initial);
    isThere();
    await refuseDamaged(directory, lite);
    return opened(lite, directory, unlock);
  } catch (cause) {
    await lite?.close().catch(() => {});
    unlock();
    throw whyNotOpened(directory, cause);
  }
}

function createLite(directory: string | null, initial: Blob | null): Promise<PGlite> {
  return PGlite.create({
    ...(directory === null ? {} : { dataDir: resolve(directory) }),
    ...(initial ? { loadDataDir: initial } : {}),
    postgresqlconf: ['shared_buffers=16MB', 'max_wal_size=64MB', 'min_wal_size=32MB'],
    parsers,
    serializers,
  });
}

function opened(lite: PGlite, directory: string | null, unlock: () => void): OpenedDriver {
  giveTurns(lite, (statement) => directory !== null && refuseToWrite(directory, statement));
  const hasRoom = (): boolean => directory === null || freeBytes(directory) >= spareBytes;
  const close = async (): Promise<void> => {
    if (!lite.closed && hasRoom()) await lite.close(); // it writes; without that the next opening does what it would have done
    unlock();
  };
  return { dialect: new PGliteDialect({ pglite: lite }), hasRoom, close };
}

/** Queries may follow each other for so long before timers and sockets get their turn. */
const turnEveryMs = 10;

/** PGlite runs on this thread, and its promises settle without a turn of the event loop: a hundred queries that wait would let nobody else in. */
function giveTurns(lite: PGlite, check: (statement: string) => void): void {
  let lastTurn = performance.now();
  const turn = async (): Promise<void> => {
    if (performance.now() - lastTurn <= turnEveryMs) return;
    await nextTurn();
    lastTurn = performance.now();
  };
  const [query, transaction] = [lite.query.bind(lite), lite.transaction.bind(lite)];
  lite.query = async <T>(...question: Parameters<typeof query>) => {
    await turn();
    check(question[0]);
    return query<T>(...question);
  };
  lite.transaction = async <T>(work: Parameters<typeof transaction<T>>[0]) => {
    await turn();
    return transaction<T>((inside) => {
      const ask = inside.query.bind(inside);
      inside.query = async <R>(...question: Parameters<typeof ask>) => {
        check(question[0]);
        return ask<R>(...question);
      };
      return work(inside);
    });
  };
}
