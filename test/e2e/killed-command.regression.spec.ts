import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';

const isBuilt = existsSync('dist/cli.js');
/** Else the command of a clone would begin with a build, and go on with it when it is killed: under the feet of all other specs. */
const isFresh = existsSync('dist/.assay-built') && newestSource() <= statSync('dist/.assay-built').mtimeMs;
const ways = [
  ['SIGTERM', 143, 'installed', ['bin/assay.mjs']],
  ['SIGHUP', 129, 'installed', ['bin/assay.mjs']],
  ...(isFresh ? ([['SIGTERM', 143, 'in a clone', ['tools/with-install.mjs', 'assay']]] as const) : []),
  ['SIGTERM', 143, 'in a container', ['deploy/entrypoint.mjs']],
] as const;
const { NODE_OPTIONS: _, ...env } = process.env;

/** A gate that waits for a server that is not there. */
const gate = (program: readonly string[]): ChildProcess =>
  spawn(
    process.execPath,
    [...program, 'gate', '--server', 'http://127.0.0.1:1024', '--retry-for', '60s', '--template', 'a', '--baseline', '1', '--canary', '2'],
    { env, stdio: 'ignore' },
  );

(isBuilt ? describe : describe.skip)('a gate that is killed before there is a verdict', () => {
  it.each(ways)(
    'by %s ends with %i %s: not with 0, which means promote',
    async (signal, code, _where, program) => {
      const waiting = gate(program);
      await sleep(2_500);
      waiting.kill(signal);
      const [ended, by] = await once(waiting, 'exit');
      expect(ended ?? by).toBe(ended === null ? signal : code); // by the signal itself, where it came before the command listened to it
    },
    90_000,
  );
});

function newestSource(): number {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((path) => join('src', path));
  const paths = ['src', 'nest-cli.json', 'tsconfig.json', 'package.json', ...sources];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
