#!/usr/bin/env node
// The installed command. PGlite needs a V8 flag that only the command line can set, so the program runs in a child on the pinned Node.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const pinned = join(root, 'node_modules/.bin/node');
const child = spawn(
  existsSync(pinned) ? pinned : process.execPath,
  ['--liftoff-only', join(root, 'dist/cli.js'), ...process.argv.slice(2)],
  { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }, // nothing is said over the channel; when it closes, we are gone
);
// Ctrl-C at a terminal reaches the child by itself, and a second one would cut its orderly end short.
const forwarded = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forwarded.includes(signal) && child.kill(signal));
child.on('error', () => process.exit(69));
// What a shell says of a killed program; never 0, 1 or 2, which would be verdicts.
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
