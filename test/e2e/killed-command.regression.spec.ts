import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';

const isBuilt = existsSync('dist/cli.js');
const { NODE_OPTIONS: _, ...env } = process.env;

/** A gate that waits for a server that is not there. */
const gate = (program: readonly string[]): ChildProcess =>
  spawn(
    process.execPath,
    [...program, 'gate', '--server', 'http://127.0.0.1:1024', '--retry-for', '60s', '--template', 'a', '--baseline', '1', '--canary', '2'],
    { env, stdio: 'ignore' },
  );

(isBuilt ? describe : describe.skip)('a gate that is killed before there is a verdict', () => {
  it.each([
    ['SIGTERM', 143, 'installed', ['bin/assay.mjs']],
    ['SIGHUP', 129, 'installed', ['bin/assay.mjs']],
    ['SIGTERM', 143, 'in a clone', ['tools/with-install.mjs', 'assay']],
    ['SIGTERM', 143, 'in a container', ['deploy/entrypoint.mjs']],
  ] as const)(
    'by %s ends with %i %s: not with 0, which means promote',
    async (signal, code, _where, program) => {
      const waiting = gate(program);
      await sleep(2_500);
      waiting.kill(signal);
      const [ended, by] = await once(waiting, 'exit');
      expect(ended ?? by).toBe(ended === null ? signal : code); // by the signal itself, where it came while still building
    },
    30_000,
  );
});
