import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openMemoryStore, patienceMs } from '../../test/support/stores.js';
import type { Database } from './database.js';

let database: Database;
beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
afterAll(() => database.close());

it('lets the API answer while a run over the past records look after look', async () => {
  let isDone = false;
  const work = (async () => {
    for (let look = 0; look < 200; look++) await database.transaction(() => sql`select ${look}::int`.execute(database.db));
    isDone = true;
  })();
  await sleep(1);
  expect(isDone).toBe(false); // all 200 came before the timer
  await work;
});
