import { describe } from '@jest/globals';
import { type PostgresServer, postgresIsThere, startPostgres } from '../support/postgres.js';
import { describeKills } from './kill-claims.js';

const runs = process.env['ASSAY_REQUIRE_SERVERS'] === '1' || postgresIsThere();
if (!runs) process.stdout.write('skipped: kill -9 on PostgreSQL (no server and no programs of one)\n');
const server: { postgres?: PostgresServer } = {};

(runs ? describe : describe.skip)('with a database server', () => {
  describeKills('PostgreSQL', {
    open: async () => {
      server.postgres = await startPostgres();
      return { DATABASE_URL: await server.postgres.newDatabase() };
    },
    close: async () => server.postgres?.stop(),
  });
});
