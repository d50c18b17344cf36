import { types } from 'node:util';
import { expect, it } from '@jest/globals';
import { StoreUnavailableError } from '../domain/index.js';
import { Database } from './database.js';
import { asStoreError } from './store-errors.js';

it.each([
  ['08006', 'connection failure'],
  ['53100', 'could not extend file: No space left on device'],
  ['53300', 'sorry, too many clients already'],
  ['57P01', 'terminating connection due to administrator command'],
  ['57014', 'canceling statement due to statement timeout'],
  ['40001', 'could not serialize access'],
  ['25006', 'cannot execute INSERT in a read-only transaction'],
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ['', 'Connection terminated unexpectedly'],
  ['', 'Query read timeout'],
  ['', 'timeout exceeded when trying to connect'],
  ['', 'PGlite is closed'],
])('says that the store does not answer: %s %s', (code, message) => {
  const translated = asStoreError(Object.assign(new Error(message), { code }));
  expect(translated).toBeInstanceOf(StoreUnavailableError);
  expect(translated).toMatchObject({ code: 'ASSAY_STORE_UNAVAILABLE', retryable: true });
});

it('leaves our own mistakes as they are', () => {
  const unique = Object.assign(new Error('duplicate key value violates unique constraint'), { code: '23505' });
  expect(asStoreError(unique)).toBe(unique);
  expect(asStoreError('text')).toBe('text');
});

it('never repeats the password of a database URL', async () => {
  const opening = Database.open({ databaseUrl: 'postgres://assay:s3cr3t-canary@127.0.0.1:1/assay', directory: '' });
  const error: unknown = await opening.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(everythingIn(error)).not.toContain('s3cr3t-canary');

  const unreadable: unknown = await Database.open({ databaseUrl: 'postgres://assay:s3cr3t-canary@:x/', directory: '' }).catch(
    (reason: unknown) => reason,
  );
  expect(unreadable).toMatchObject({ code: 'ASSAY_CONFIG_INVALID' });
  expect(everythingIn(unreadable)).not.toContain('s3cr3t-canary');
});

const everythingIn = (error: unknown): string =>
  types.isNativeError(error) ? `${error.stack} ${JSON.stringify(error)} ${everythingIn(error.cause)}` : String(error);
