// What a packed span costs end to end, against unpacking such bodies alone: all at once, into memory that is freed at once, which is
// the fastest that zlib can do here. Processor time on both sides; rounds alternate, the fastest of each count.
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { startAssay } from './parts/assay-process.mjs';
import { Companion, costOf, spansPerBody, spread, templates } from './parts/load.mjs';
import { traceBodies } from './parts/otlp-bodies.mjs';
import { Report } from './parts/timing.mjs';

const [rounds, connections] = [3, 8];
/** of a round; gzip takes long to pack */
const requestsOf = { gzip: 480, zstd: 1_200 };
const unpackers = { gzip: gunzipSync, zstd: zstdDecompressSync };
const plain = traceBodies(24);
const bodies = { gzip: plain.map((body) => gzipSync(body)), zstd: plain.map((body) => zstdCompressSync(body)) };
const report = new Report();
const sender = new Companion(new URL('./parts/load-sender.mjs', import.meta.url));
const assay = await startAssay({ templates });
const server = { pid: assay.pid, port: Number(new URL(assay.otlp).port) };

try {
  await sender.ask({ type: 'prepare', count: 24 });
  await costOf(sender, server, { requests: 3_000, connections }); // warm-up: the reader is compiled then
  for (const packing of ['gzip', 'zstd']) await compare(packing, requestsOf[packing]);
} finally {
  sender.end();
  await assay.stop();
}
process.exitCode = report.failed ? 1 : 0;

async function compare(packing, requests) {
  const [endToEnd, alone] = [[], []];
  for (let round = -1; round < rounds; round += 1) {
    const { bytes } = await sender.ask({ type: 'prepare', packing, count: requests });
    if (round < 0) report.line(`${packing}: ${(bytes / requests / spansPerBody).toFixed(0)} bytes a span on the wire`);
    const { nanoseconds } = await costOf(sender, server, { requests, connections, again: false });
    const unpacking = unpackAlone(packing, bodies[packing]);
    if (round < 0) continue; // warm-up
    endToEnd.push(nanoseconds);
    alone.push(unpacking);
  }
  const ratios = endToEnd.map((nanoseconds, round) => nanoseconds / alone[round]);
  report.line(
    `${packing}: end to end ${Math.min(...endToEnd).toFixed(0)} ns a span, unpacking alone ${Math.min(...alone).toFixed(0)} ns; ratios of single rounds, 10–90 %: ${spread(ratios)}`,
  );
  report.atMost(`${packing} end to end ÷ unpacking alone (aim 1.8)`, Math.min(...endToEnd) / Math.min(...alone), 3, '');
}

/** Nanoseconds of processor a span. */
function unpackAlone(packing, bodies) {
  const times = 20;
  const begun = process.cpuUsage();
  for (let time = 0; time < times; time += 1) {
    for (const body of bodies) unpackers[packing](body, { chunkSize: 2 ** 20 }).buffer.transfer(0);
  }
  const { user, system } = process.cpuUsage(begun);
  return ((user + system) * 1_000) / (times * bodies.length * spansPerBody);
}
