import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-ports.js';

/** A PostgreSQL server for one spec file. */
export interface PostgresServer {
  /** a new empty database on it */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Whether {@link startPostgres} will find a server to use: `ASSAY_TEST_DATABASE_URL`, or the programs of one. */
export const postgresIsThere = (): boolean => Boolean(process.env['ASSAY_TEST_DATABASE_URL']) || programs() !== null;

/** The server at `ASSAY_TEST_DATABASE_URL`, or a private one on a random loopback port that keeps nothing. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env['ASSAY_TEST_DATABASE_URL'];
  if (given) return serverAt(given, async () => {});
  const bin = programs();
  if (!bin) throw new Error('no PostgreSQL programs found');

  const directory = mkdtempSync(join(tmpdir(), 'assay-postgres-'));
  const user = unprivileged(directory);
  const options = ['--no-sync', '--auth=trust', '--username=assay', '--encoding=UTF8', '--locale=C.UTF-8', '-D', join(directory, 'data')];
  const [initdb = '', ...initdbArguments] = [...user, join(bin, 'initdb'), ...options];
  execFileSync(initdb, initdbArguments, { stdio: 'pipe', cwd: directory });

  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=16MB', 'max_connections=200'];
  const serve = ['-D', join(directory, 'data'), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const [postgres = '', ...postgresArguments] = [...user, join(bin, 'postgres'), ...serve];
  const server = spawn(postgres, postgresArguments, { stdio: 'ignore', cwd: directory });
  const url = `postgres://assay@127.0.0.1:${port}/postgres`;
  await untilItAnswers(url, server);
  return serverAt(url, async () => {
    server.kill('SIGINT'); // fast shutdown
    if (server.exitCode === null) await once(server, 'exit');
    rmSync(directory, { recursive: true, force: true });
  });
}

function serverAt(url: string, stop: () => Promise<void>): PostgresServer {
  const made: string[] = [];
  return {
    async newDatabase() {
      const name = `assay_test_${randomBytes(6).toString('hex')}`;
      await execute(url, `create database ${name}`);
      made.push(name);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },
    async stop() {
      for (const name of made) await execute(url, `drop database ${name} with (force)`);
      await stop();
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; ) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with exit code ${server.exitCode}`);
    if (
      await execute(url, 'select 1').then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  throw new Error('PostgreSQL did not answer within 90 s');
}

/** Newest first: Debian keeps them apart by version. */
function programs(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '').split(':').filter((folder) => existsSync(join(folder, 'initdb')));
  return [...versions.map((version) => join(debian, version, 'bin')), ...onPath].find((bin) => existsSync(join(bin, 'postgres'))) ?? null;
}

/** PostgreSQL refuses to run as root: the command that runs it as somebody else, and ends it with us. */
function unprivileged(directory: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const idOf = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  chownSync(directory, idOf('-u'), idOf('-g'));
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig=INT'];
}
