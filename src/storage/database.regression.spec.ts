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

it('lets the API answer while hundreds of queries wait for their turn', async () => {
  let done = 0;
  const query = async (): Promise<void> => {
    await sql`select count(*) from generate_series(1, 2000)`.execute(database.db);
    done += 1;
  };
  const work = Promise.all(Array.from({ length: 300 }, query));
  await sleep(1);
  expect(done).toBeLessThan(300); // all came before the timer
  await work;
});

it('lets the API answer while a run over the past records look after look', async () => {
  let isDone = false;
  const work = (async () => {
    for (let look = 0; look < 200; look++) await database.transaction(() => sql`select ${look}::int`.execute(database.db));
    isDone = true;
  })();
  await sleep(1);
  expect(isDone).toBe(false);
  await work;
});
