// Starts `assay` in a container: gives a new volume the store that the image brought, and becomes the program.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, renameSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const store = process.env.ASSAY_STORE ?? '/data/store';
const initial = resolve(root, 'initial-store');

const serves = (process.argv[2] ?? 'serve') === 'serve'; // a gate needs no store
if (serves && !process.env.DATABASE_URL && store !== 'memory:' && !existsSync(store) && existsSync(initial)) {
  cpSync(initial, `${store}.new`, { recursive: true });
  renameSync(`${store}.new`, store); // half a copy must not look like a store
}

const child = spawn(process.execPath, ['--liftoff-only', '--disable-proto=delete', resolve(root, 'dist/cli.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code)); // 0, 1 and 2 are verdicts
