// Reads damaged, spliced and unusual OTLP requests with Assay's readers and with protobufjs, and compares what they counted. Prints a table.
//   npm run fuzz -- [--payloads N] [--seed S] [--signal traces|metrics|logs]… [--help]
// Exit code: 0 both read the same, 1 a difference, 64 bad usage.
import './read-typescript.mjs';
import { badUsage, numberOf, toolOptions } from './tool-options.mjs';

const { fuzz } = await import('../test/fuzz/fuzz.ts');
const { progressBar } = await import('../dist/cli/progress.js');

const usage = `usage: npm run fuzz -- [options]

  --payloads N   how many requests (default: 100000)
  --seed S       others (default: 1); the same seed gives the same requests
  --signal NAME  traces, metrics or logs; may be given more than once (default: all three in turn)
  --help

Exit code: 0 both readers agree on every request, 1 a difference, 64 bad usage.
`;

const known = ['traces', 'metrics', 'logs'];
const { values } = toolOptions(usage, {
  options: {
    payloads: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    signal: { type: 'string', multiple: true, default: [] },
  },
});
const payloads = numberOf(usage, values, 'payloads', { least: 1, most: 1e9, whole: true });
const seed = numberOf(usage, values, 'seed', { least: 0, most: 2 ** 32 - 1, whole: true });
const unknown = values.signal.find((signal) => !known.includes(signal));
if (unknown !== undefined) badUsage(usage, `--signal must be one of ${known.join(', ')}, got ${unknown}`);
const signals = values.signal.length > 0 ? values.signal : known;

const bar = progressBar('comparing', payloads);
const { outcomes, differences, slowestMs } = fuzz({ payloads, seed, signals, onProgress: (many) => bar.advance(many) });
bar.stop();

const say = (line) => process.stdout.write(`${line}\n`);
const kinds = [...new Set([...outcomes.values()].flatMap((ofSignal) => [...ofSignal.keys()]))].sort();
say(`${'requests'.padEnd(102)}${signals.map((signal) => signal.padStart(9)).join('')}`);
for (const kind of kinds)
  say(`${kind.padEnd(102)}${signals.map((signal) => String(outcomes.get(signal)?.get(kind) ?? 0).padStart(9)).join('')}`);
for (const { signal, outcome, hex } of differences) say(`\n${signal}: ${outcome}\n${hex}`);
say(`\n${payloads} requests of seed ${seed}; the slowest took ${slowestMs.toFixed(1)} ms`);
process.exitCode = differences.length > 0 ? 1 : 0;
