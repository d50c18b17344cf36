import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { asStoreError } from './store-errors.js';

/** The same dialect, but trouble with the connection arrives as StoreUnavailableError wherever it happens. */
export function translated(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => new TranslatingDriver(dialect.createDriver()),
  };
}

class TranslatingDriver implements Driver {
  private readonly seen = new WeakSet<DatabaseConnection>();

  constructor(private readonly inner: Driver) {}

  init: Driver['init'] = (options) => translate(() => this.inner.init(options));
  beginTransaction: Driver['beginTransaction'] = (connection, settings) =>
    translate(() => this.inner.beginTransaction(connection, settings));
  commitTransaction: Driver['commitTransaction'] = (connection) => translate(() => this.inner.commitTransaction(connection));
  rollbackTransaction: Driver['rollbackTransaction'] = (connection) => translate(() => this.inner.rollbackTransaction(connection));
  releaseConnection: Driver['releaseConnection'] = (connection, options) => this.inner.releaseConnection(connection, options);
  destroy: Driver['destroy'] = (options) => this.inner.destroy(options);

  acquireConnection: Driver['acquireConnection'] = async (options) => {
    const connection = await translate(() => this.inner.acquireConnection(options));
    if (!this.seen.has(connection)) {
      this.seen.add(connection);
      const execute = connection.executeQuery.bind(connection) as DatabaseConnection['executeQuery'];
      connection.executeQuery = (query, queryOptions) => translate(() => execute(query, queryOptions));
    }
    return connection;
  };
}

async function translate<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error);
  }
}
