// What a span costs here and in a Collector whose spanmetrics connector makes metrics of it: the same bodies, by the same senders, in
// rounds that alternate, by the processor time that the kernel counts for each whole process. Skipped where there is no such Collector.
import { startAssay } from './parts/assay-process.mjs';
import { Companion, costOf, forgetPeak, memoryOf, spread, templates } from './parts/load.mjs';
import { Report } from './parts/timing.mjs';
import { startCollector } from './peers/collector/collector.mjs';

const [rounds, connections] = [3, 8];
/** Bodies that are built, and requests that are made of them. Packed ones cannot be made different in place: each is sent once. */
const amounts = { identity: { count: 24, requests: 600, again: true }, gzip: { count: 240, requests: 240, again: false } };
const [overHttp, overGrpc] = [new URL('./parts/load-sender.mjs', import.meta.url), new URL('./parts/grpc-sender.mjs', import.meta.url)];
const ways = [
  { name: 'OTLP/HTTP', sender: overHttp, port: 'http', packing: 'identity' },
  { name: 'OTLP/HTTP, gzip', sender: overHttp, port: 'http', packing: 'gzip' },
  { name: 'OTLP/gRPC', sender: overGrpc, port: 'grpc', packing: 'identity' },
  { name: 'OTLP/gRPC, gzip', sender: overGrpc, port: 'grpc', packing: 'gzip' },
];
const report = new Report();

const collector = await startCollector();
if (typeof collector === 'string') report.line(`left out: ${collector} (bench/peers/collector/builder.yaml says how to build one)`);
else await compare();
process.exitCode = report.failed ? 1 : 0;

async function compare() {
  const assay = await startAssay({ templates, environment: { ASSAY_OTLP_THREADS: '1' } });
  const ports = { http: Number(new URL(assay.otlp).port), grpc: Number(new URL(assay.otlpGrpc).port) };
  const servers = [{ pid: assay.pid, ...ports }, collector];
  try {
    report.line(`Assay, one receiving thread, and ${collector.version}, GOMAXPROCS=1; ${process.version}, ${rounds} rounds`);
    const measured = [];
    for (const way of ways) measured.push({ ...way, ...(await costsBy(way, servers)) });
    report.line('| way | Assay, ns a span | Collector, ns a span | ratio | single rounds, 10–90 % |\n| --- | --- | --- | --- | --- |');
    for (const { name, ours, theirs, ratio, ratios } of measured) {
      report.line(`| ${name} | ${ours.toFixed(0)} | ${theirs.toFixed(0)} | ${ratio.toFixed(1)} | ${ratios} |`);
    }
    const [ourPeak, theirPeak] = servers.map(({ pid }) => memoryOf(pid).peak / 2 ** 20);
    report.line(`most memory in all of it: Assay ${ourPeak.toFixed(0)} MiB (database included), Collector ${theirPeak.toFixed(0)} MiB`);
    report.atLeast('Collector with spanmetrics ÷ Assay, OTLP/HTTP (aim 10)', measured[0].ratio, 5, '');
  } finally {
    await assay.stop();
    await collector.stop();
  }
}

/** Of the rounds of one way: the least of each, and how their ratio is spread. The first round is warm-up. */
async function costsBy({ sender: script, port, packing }, servers) {
  const sender = new Companion(script);
  const costs = [];
  for (let round = -1; round < rounds; round++) {
    const { count, ...load } = amounts[packing];
    await sender.ask({ type: 'prepare', count, packing });
    const both = [];
    for (const server of servers) {
      if (round < 0) forgetPeak(server.pid);
      both.push(await costOf(sender, { pid: server.pid, port: server[port] }, { ...load, connections }));
    }
    if (round >= 0) costs.push(both.map(({ nanoseconds }) => nanoseconds));
  }
  sender.end();
  const [ours, theirs] = [0, 1].map((server) => Math.min(...costs.map((both) => both[server])));
  return { ours, theirs, ratio: theirs / ours, ratios: spread(costs.map(([mine, its]) => its / mine)) };
}
