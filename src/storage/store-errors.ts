import { types } from 'node:util';
import { StoreUnavailableError } from '../domain/index.js';

/** PostgreSQL error classes and codes that say "not now": connection, resources, shutdown, time limits, lost races for locks. */
const transientState = /^(?:08|53|58|57P)|^(?:57014|40001|40P01|55P03|25P03|25006)$/;
const transientSocket = /^E(?:CONNREFUSED|CONNRESET|CONNABORTED|TIMEDOUT|PIPE|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)$/;
const transientMessage =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection error|not queryable|client was closed|pglite is clos|calling end on the pool|driver has already been destroyed/i;

/** The same error, or a {@link StoreUnavailableError} where the store did not answer: the request may succeed later. */
export function asStoreError(error: unknown): unknown {
  if (!types.isNativeError(error) || error instanceof StoreUnavailableError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const transient = transientState.test(code) || transientSocket.test(code) || transientMessage.test(error.message);
  if (!transient) return error;
  return new StoreUnavailableError(`the store does not answer (${code || error.message})`, { cause: error });
}
