// What a span costs from the bytes of a request to the histogram of its cell: against reading the same bytes once, four at a time, and
// against decoding them with protobufjs; and how much garbage it leaves. The three take turns in one process; the fastest round of
// each counts, because neighbours only ever make one slower, and the best of three processes.
//
// The gates are about bodies that have just arrived: for each of the three, each of the 96 bodies (50 MB) is copied into the same memory
// before its clock starts, as the HTTP door reads bodies into memory that it uses again, so that it is read out of the cache. The figures
// of bodies that are read out of main memory stand beside them: there all but protobufjs mostly wait for the memory. What is counted is handed
// over every tenth of a second, however many spans there were: how long that takes is printed by itself.
import { spawnSync } from 'node:child_process';
import { builtFolder } from './parts/built.mjs';
import { Report } from './parts/timing.mjs';

if (process.argv[2] === 'rounds') {
  await import('./parts/reader-rounds.mjs');
  process.exit(0);
}
const report = new Report();
const measured = [1, 2, 3].map(() => {
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', import.meta.filename, 'rounds'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ASSAY_BENCH_DIST: builtFolder },
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout);
});

const figures = ({ scan, reader, protobufjs }) =>
  `reader ${reader.toFixed(0)}, scan of the bytes ${scan.toFixed(0)}, protobufjs ${protobufjs.toFixed(0)}; ` +
  `reader to scan ${(reader / scan).toFixed(2)}, protobufjs to reader ${(protobufjs / reader).toFixed(1)}`;
for (const { hot, cold, ofRounds } of measured) {
  report.line(
    `ns a span, bodies that just arrived: ${figures(hot)}; 10 to 90 % of rounds ${ofRounds.map((ratio) => ratio.toFixed(2)).join(' to ')} S`,
  );
  report.line(`ns a span, out of main memory:       ${figures(cold)}`);
}
report.line(
  `handing over what was counted: ${Math.min(...measured.map(({ handOver }) => handOver)).toFixed(2)} ms, every tenth of a second and when a window closes`,
);
report.line(`${measured[0].series} series in ${measured[0].windows} windows, ${measured[0].bytesPerSpan.toFixed(0)} bytes a span`);
const { bytes, spans, rounds: times, collections } = measured.map(({ grown }) => grown).reduce((a, b) => (a.bytes < b.bytes ? a : b));
report.line(
  `the heap grew by ${bytes} bytes over ${spans} spans in the middle one of ${times} rounds, with ${collections} collections in all of them`,
);
report.atMost('heap growth', bytes / spans, 1, ' bytes a span');
report.atMost('reader to scan of the same bytes', Math.min(...measured.map(({ hot }) => hot.reader / hot.scan)), 3, ' S');
report.atLeast('protobufjs to reader', Math.max(...measured.map(({ hot }) => hot.protobufjs / hot.reader)), 25, ' times');
process.exitCode = report.failed ? 1 : 0;
