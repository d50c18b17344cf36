import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { InvalidConfigError, StoreUnavailableError } from '../domain/index.js';
import { type OpenedDriver, openEmbedded, openPostgres } from './drivers.js';
import { migrations } from './migrations/index.js';
import type { Tables } from './tables.js';
import { translated } from './translated-dialect.js';

export interface DatabaseLocation {
  /** PostgreSQL; null: the embedded store */
  readonly databaseUrl: string | null;
  /** of the embedded store; `memory:` keeps nothing */
  readonly directory: string;
  /** an initialised embedded store as a tar, to start a new one from */
  readonly initial?: Blob | null;
}

interface OpenTransaction {
  readonly db: Kysely<Tables>;
  readonly afterCommit: (() => void)[];
}

/**
 * The one door to SQL: embedded PGlite or a PostgreSQL server, same dialect, same types.
 *
 * Every query goes through {@link db}, which is the current transaction where there is one: the embedded store has a single
 * connection, and a query beside its own transaction would wait for ever.
 * Trouble with the connection is a StoreUnavailableError; what was running may or may not have been committed.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly current = new AsyncLocalStorage<OpenTransaction>();
  private readonly logger = new Logger(Database.name);
  private closing: Promise<void> | null = null;

  private constructor(
    private readonly root: Kysely<Tables>,
    private readonly driver: OpenedDriver,
    /** true: nobody but this process can reach the data */
    readonly embedded: boolean,
  ) {}

  /**
   * Opens the store and brings its tables up to date. Many processes may do this at once.
   *
   * @throws {InvalidConfigError} locked, damaged, refused or not migratable
   * @throws {StoreUnavailableError} the server does not answer
   */
  static async open({ databaseUrl, directory, initial = null }: DatabaseLocation): Promise<Database> {
    const logger = new Logger(Database.name);
    const driver = databaseUrl
      ? openPostgres(databaseUrl, (error) => logger.warn(`an idle connection to the store was lost: ${error.message}`))
      : await openEmbedded(directory, initial);
    const database = new Database(new Kysely<Tables>({ dialect: translated(driver.dialect) }), driver, databaseUrl === null);
    try {
      await database.migrate();
    } catch (error) {
      await database.close().catch(() => {});
      throw error;
    }
    return database;
  }

  /** Where to send a query: the current transaction, or the store itself. */
  get db(): Kysely<Tables> {
    return this.current.getStore()?.db ?? this.open;
  }

  /** All or nothing. Inside another transaction it is a part of that one. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.current.getStore()) return work();
    const afterCommit: (() => void)[] = [];
    const result = await this.open.transaction().execute((db) => this.current.run({ db, afterCommit }, work));
    for (const tell of afterCommit) this.runAfterCommit(tell);
    return result;
  }

  /** Runs it once the outermost transaction is committed, never if it is rolled back; at once where there is none. */
  afterCommit(tell: () => void): void {
    const open = this.current.getStore();
    if (open) open.afterCommit.push(tell);
    else this.runAfterCommit(tell);
  }

  /** false: the disk of the embedded store is full; what is there can be read, and everything that would write is refused */
  hasRoom(): boolean {
    return this.driver.hasRoom();
  }

  /** @throws {StoreUnavailableError} */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.db);
  }

  /**
   * Does some work in one process at a time. PostgreSQL forgets who was at it as soon as that process is gone.
   *
   * @returns null: another process is at it
   */
  async exclusively<T>(task: string, work: () => Promise<T>): Promise<T | null> {
    if (this.embedded) return work();
    return this.open.connection().execute(async (line) => {
      const taken = await sql<{ mine: boolean }>`select pg_try_advisory_lock(hashtext('assay'), hashtext(${task})) as mine`.execute(line);
      if (!taken.rows[0]?.mine) return null;
      try {
        return await work();
      } finally {
        await sql`select pg_advisory_unlock(hashtext('assay'), hashtext(${task}))`.execute(line).catch(() => {});
      }
    });
  }

  /** Lets go of the store and its lock. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.root.destroy().finally(() => this.driver.close());
    return this.closing;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private get open(): Kysely<Tables> {
    if (this.closing) throw new StoreUnavailableError('the store is closed: this process is ending');
    return this.root;
  }

  /** Another version's tables: a server's only ever gain, so older replicas go on with them; embedded, there is nobody to go on beside. */
  private async isAhead(): Promise<boolean> {
    const { rows } = await sql<{ there: boolean }>`select to_regclass('assay_migration') is not null as there`.execute(this.root);
    if (!rows[0]?.there) return false;
    const done = await sql<{ name: string }>`select name from assay_migration order by name`.execute(this.root);
    const newer = done.rows.find(({ name }) => !(name in migrations))?.name;
    if (newer === undefined) return false;
    if (this.embedded) {
      throw new InvalidConfigError(
        `the store was written by a newer Assay (${newer}): start that version, or restore a copy from before it`,
      );
    }
    this.logger.warn(`the tables are of a newer Assay (${newer}): this replica goes on with them`);
    return true;
  }

  private async migrate(): Promise<void> {
    if (await this.isAhead()) return;
    const { error } = await new Migrator({
      db: this.root,
      provider: { getMigrations: async () => migrations },
      migrationTableName: 'assay_migration',
      migrationLockTableName: 'assay_migration_lock',
      allowUnorderedMigrations: true, // each only adds, so one that was written beside another may come after it
    }).migrateToLatest();
    if (error instanceof StoreUnavailableError) throw error;
    if (error) throw new InvalidConfigError(`the store's tables cannot be brought up to date: ${reasonOf(error)}`, { cause: error });
  }

  /** What is committed stays committed, whatever a listener does. */
  private runAfterCommit(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.logger.error(`a listener failed after the commit: ${reasonOf(error)}`);
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
