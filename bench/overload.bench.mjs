// Five times the senders that fill the server, and some that stop in the middle: what is accepted is counted to the last span, what is
// refused is told when to come again, memory stays in bounds, and the API answers. Counts are read back from the store.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile, startAssay } from './parts/assay-process.mjs';
import { built } from './parts/built.mjs';
import { Companion, forgetPeak, memoryOf, templates } from './parts/load.mjs';
import { Report } from './parts/timing.mjs';

/** lines that fill the server, and how many times as many come */
const [filling, factor, seconds] = [64, 5, 15];
/** together about as much as may be under way */
const stuckLines = 149;
const stuckBytes = 450_000;
const mostMiB = 512;
/** what comes for a closed window is late and not used, so windows stay open until all of it has come */
const [windowSeconds, latenessSeconds] = [5, 25];
const patient = { shop: templates.shop.replace('lateness: 2s', `lateness: ${latenessSeconds}s`) };
const report = new Report();
const store = mkdtempSync(join(tmpdir(), 'assay-overload-'));
const environment = { ASSAY_STORE: store, ASSAY_OTLP_REQUEST_TIMEOUT: '8s' };

await (await startAssay({ templates: patient, environment })).stop(); // making a new store takes more memory than running does
const sender = new Companion(new URL('./parts/load-sender.mjs', import.meta.url));
const assay = await startAssay({ templates: patient, environment });
const port = Number(new URL(assay.otlp).port);
try {
  const idle = await latencies(2);
  await sender.ask({ type: 'prepare', count: filling * factor });
  forgetPeak(assay.pid);
  const before = memoryOf(assay.pid).now;
  const stuck = Array.from({ length: stuckLines }, () => stuckLine());
  const api = latencies(seconds);
  const said = await sender.ask({ type: 'load', port, connections: filling * factor, seconds });
  const { peak } = memoryOf(assay.pid);
  const stuckAnswers = await Promise.all(stuck);
  tell(said, await api, idle);
  report.line(`senders that stopped in the middle were told ${JSON.stringify(counted(stuckAnswers))}`);
  await wait((windowSeconds + latenessSeconds + 3) * 1_000); // the last windows close
  await assay.stop();
  const kept = await spansInStore();
  report.line(`accepted ${said.acceptedSpans} spans, counted ${kept}`);
  report.line(`memory of the whole process: ${mebibytes(before)} MiB before, ${mebibytes(peak)} MiB at most`);
  report.atMost('refused without Retry-After, or lines cut without an answer', withoutRetryAfter(said) + said.failed, 0, '');
  report.atMost('accepted and not counted, or counted and not accepted', Math.abs(said.acceptedSpans - kept), 0, ' spans');
  report.atMost('memory at most ÷ allowed', peak / 2 ** 20 / mostMiB, 1, '');
} finally {
  sender.end();
  await assay.stop();
  rmSync(store, { recursive: true, force: true });
}
process.exitCode = report.failed ? 1 : 0;

function tell(said, loaded, idle) {
  const perSecond = said.acceptedSpans / said.seconds / 1e6;
  report.line(
    `${filling * factor} lines flat out for ${said.seconds.toFixed(0)} s: answers ${JSON.stringify(said.answers)}, ${perSecond.toFixed(2)} million spans a second accepted`,
  );
  const ms = (values) => `p50 ${quantile(values, 0.5).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms`;
  report.line(`API: ${ms(loaded)}; idle: ${ms(idle)} (gated by the api-latency bench)`);
}

function withoutRetryAfter({ answers, withRetryAfter }) {
  return Object.entries(answers).reduce((sum, [status, count]) => sum + (status === '200' ? 0 : count - (withRetryAfter[status] ?? 0)), 0);
}

/** Announces a body, sends most of it, and waits. @returns the status that it is told */
function stuckLine() {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 500000\r\n\r\n');
    socket.write(Buffer.alloc(stuckBytes));
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1', 9, 12));
      socket.destroy();
    });
    socket.once('error', () => resolve('cut'));
    socket.once('close', () => resolve('closed'));
  });
}

function counted(statuses) {
  return Object.fromEntries([...new Set(statuses)].map((status) => [status, statuses.filter((each) => each === status).length]));
}

async function latencies(forSeconds) {
  const until = performance.now() + forSeconds * 1_000;
  const found = [];
  while (performance.now() < until) {
    const begun = performance.now();
    await (await fetch(`${assay.api}/healthz`)).arrayBuffer();
    found.push(performance.now() - begun);
    await wait(20);
  }
  return found;
}

async function spansInStore() {
  const { Database, WindowStore } = await built('storage/index.js');
  const database = await Database.open({ databaseUrl: null, directory: store });
  const windows = await new WindowStore(database).read({ from: 0, to: Number.MAX_SAFE_INTEGER });
  await database.close();
  return windows.flatMap(({ cells }) => cells).reduce((sum, { count }) => sum + count, 0);
}

function mebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(0);
}
