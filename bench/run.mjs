// Runs every bench/*.bench.mjs one after the other, each in a process of its own; ends non-zero when one is below its gate.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv.slice(2);
if (wanted.includes('--help')) {
  process.stdout.write(
    'usage: npm run bench [-- NAME…]\nEach bench prints its ratio last; ratios of one run, not absolute times, are what counts.\n',
  );
  process.exit(0);
}
const benches = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.bench.mjs'));
const chosen = benches.filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)));
if (chosen.length === 0) {
  process.stderr.write(`no bench of that name; there are: ${benches.map((file) => file.replace('.bench.mjs', '')).join(', ')}\n`);
  process.exit(64);
}
const failed = chosen.filter((file) => {
  process.stdout.write(`\n${file}\n`);
  return spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) process.stderr.write(`below its gate: ${failed.join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
