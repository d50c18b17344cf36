import { expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { describeOnEveryStore } from '../../test/support/stores.js';
import { InvalidConfigError, StoreUnavailableError } from '../domain/index.js';
import { Database } from './database.js';

Logger.overrideLogger(false);

describeOnEveryStore('the database', (open) => {
  const row = { key: 'a', request_hash: 'h', run_id: 'r', created_at: new Date(0) };
  const keys = (database: Database): Promise<{ key: string }[]> => database.db.selectFrom('idempotency_key').select('key').execute();

  it('reads every type the same way', async () => {
    const { db } = await open();
    const { rows } = await sql`select 9007199254740991::int8 as big, 1.50::numeric as exact, date '2026-03-01' as day,
      '\\x00ff'::bytea as bytes, timestamptz '2026-03-01 12:00:00.123+00' as at, 'Infinity'::float8 as unbounded,
      array['a', 'b,"c']::text[] as texts, interval '1 day' as span, null as nothing, 7::int4 as small`.execute(db);
    expect(rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER,
        exact: '1.50',
        day: '2026-03-01',
        bytes: Buffer.from([0, 255]),
        at: new Date('2026-03-01T12:00:00.123Z'),
        unbounded: Number.POSITIVE_INFINITY,
        texts: ['a', 'b,"c'],
        span: '1 day',
        nothing: null,
        small: 7,
      },
    ]);
  });

  it('keeps nothing of a transaction that fails, nested ones included', async () => {
    const database = await open();
    const failing = database.transaction(async () => {
      await database.db.insertInto('idempotency_key').values(row).execute();
      await database.transaction(async () => {
        await database.db
          .insertInto('idempotency_key')
          .values({ ...row, key: 'b' })
          .execute();
      });
      throw new Error('late');
    });
    await expect(failing).rejects.toThrow('late');
    expect(await keys(database)).toEqual([]);
  });

  it('tells after the outermost commit, and never of what was rolled back', async () => {
    const database = await open();
    const told: string[] = [];
    await database.transaction(async () => {
      await database.transaction(async () => database.afterCommit(() => told.push('inner')));
      database.afterCommit(() => {
        throw new Error('a bad listener');
      });
      database.afterCommit(() => told.push('outer'));
      told.push('work');
    });
    await database
      .transaction(async () => {
        database.afterCommit(() => told.push('rolled back'));
        throw new Error('no');
      })
      .catch(() => {});
    database.afterCommit(() => told.push('outside'));
    expect(told).toEqual(['work', 'inner', 'outer', 'outside']);
  });

  it('keeps what others do at the same time out of a transaction', async () => {
    const database = await open();
    const inside = database.transaction(async () => {
      await database.db.insertInto('idempotency_key').values(row).execute();
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw new Error('rolled back');
    });
    const outside = database.db
      .insertInto('idempotency_key')
      .values({ ...row, key: 'beside' })
      .execute();
    await Promise.allSettled([inside, outside]);
    expect(await keys(database)).toEqual([{ key: 'beside' }]);
  });

  it('says that it is unavailable once it is closed, and closes twice without harm', async () => {
    const database = await open();
    await database.ping();
    await database.close();
    await database.close();
    await expect(database.ping()).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

it('refuses a directory that cannot be a store, in one sentence', async () => {
  const opening = Database.open({ databaseUrl: null, directory: '/dev/null/store' });
  await expect(opening).rejects.toBeInstanceOf(InvalidConfigError);
  await expect(opening).rejects.toThrow(/lock file .* cannot be created/);
});
