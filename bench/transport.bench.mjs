// What a span costs that comes by OTLP/HTTP, from the socket to the open window, against H: node:http that throws the same bodies away.
// The whole server is measured, all its threads, by the processor time the kernel counts; rounds of both alternate, the fastest of each count.
import { startAssay } from './parts/assay-process.mjs';
import { Companion, costOf, spread, templates } from './parts/load.mjs';
import { Report } from './parts/timing.mjs';

const [rounds, requests, connections] = [6, 2_000, 8];
const report = new Report();
const sender = new Companion(new URL('./parts/load-sender.mjs', import.meta.url));
const discarding = new Companion(new URL('./parts/discarding-server.mjs', import.meta.url));
const yardstick = { pid: discarding.pid, ...(await discarding.heard()) };
const assay = await startAssay({ templates });
const measured = { pid: assay.pid, port: Number(new URL(assay.otlp).port) };

try {
  const [ofAssay, ofYardstick] = [[], []];
  for (let round = -1; round < rounds; round += 1) {
    await sender.ask({ type: 'prepare', count: 24 });
    const [ours, theirs] = [
      await costOf(sender, measured, { requests, connections }),
      await costOf(sender, yardstick, { requests, connections }),
    ];
    if (round < 0) continue; // warm-up
    ofAssay.push(ours);
    ofYardstick.push(theirs);
  }
  const least = (costs) => Math.min(...costs.map(({ nanoseconds }) => nanoseconds));
  const most = (costs) => Math.max(...costs.map(({ spansPerSecond }) => spansPerSecond));
  const ratios = ofAssay.map(({ nanoseconds }, round) => nanoseconds / ofYardstick[round].nanoseconds);
  report.line(`H, node:http throwing it away: ${least(ofYardstick).toFixed(0)} ns a span`);
  report.line(
    `Assay: ${least(ofAssay).toFixed(0)} ns a span, ${(1e3 / least(ofAssay)).toFixed(2)} million spans a second and core; ${(most(ofAssay) / 1e6).toFixed(2)} million a second were sent and taken`,
  );
  report.line(`ratios of single rounds, 10–90 %: ${spread(ratios)}`);
  report.atMost('OTLP/HTTP end to end ÷ H (aim 1.0)', least(ofAssay) / least(ofYardstick), 2, '');
} finally {
  sender.end();
  discarding.end();
  await assay.stop();
}
process.exitCode = report.failed ? 1 : 0;
