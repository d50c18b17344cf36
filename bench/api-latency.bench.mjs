// Does the verdict API notice that ingest is saturated? A real server; 64 connections post telemetry as fast as it is taken, and a client asks
// for verdicts at a steady rate, whatever becomes of the questions before. Latency is from the moment a question was meant to be
// sent. The yardstick I is the same client just before and after, without telemetry. The senders stand for other machines and step
// back behind the server as its own receiving threads do.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, quantile, startAssay } from './parts/assay-process.mjs';
import { Report } from './parts/timing.mjs';

const rounds = 3;
const secondsIdle = 6;
const secondsLoaded = 10;
const verdictsASecond = 100;
const connections = 64;
const services = ['checkout', 'cart', 'payment', 'search'];

const template = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata:
  name: latency
  title: Errors and latency of \${service}
spec:
  arguments:
    service: { type: string, pattern: '[a-z0-9-]{1,40}', description: a service }
  cohorts: { by: service.version, pod: k8s.pod.name }
  schedule: { window: 5s, lateness: 1s, warmup: 5s, minDuration: 2h, minSamples: 1000, deadline: 4h }
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion:
        of: { service.name: '\${service}', kind: server }
        events: { service.name: '\${service}', kind: server, status: error }
      margin: { relative: 0.5, absolute: 0.05 }
    - name: latency
      role: critical
      source: traces
      percentiles: { of: { service.name: '\${service}', kind: server }, at: [0.5, 0.95, 0.99] }
      margin: { relative: 0.5 }
`;

const report = new Report();
const server = await startAssay({ templates: { latency: template }, environment: { ASSAY_OTLP_THREADS: '1' } });
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
try {
  const runs = await Promise.all(services.map((service) => ask(`${server.api}/v1/runs`, runOf(service))));
  const paths = runs.map(({ id }) => `${server.api}/v1/runs/${id}/verdict`);
  const sender = await startSender();
  await asked(paths, 2); // warm
  const idle = [await asked(paths, secondsIdle)];
  const loaded = [];
  for (let round = 0; round < rounds; round += 1) {
    const senders = round === 0 ? sender : await startSender();
    loaded.push(await senders.during(() => asked(paths, secondsLoaded)));
    await wait(2_000);
    idle.push(await asked(paths, secondsIdle));
  }
  show(idle, loaded);
} finally {
  agent.destroy();
  await server.stop();
}
process.exitCode = report.failed ? 1 : 0;

function runOf(service) {
  return { template: 'latency', arguments: { service }, baseline: '1.41.0', canary: '1.42.0' };
}

/** Milliseconds of each answer, from when its question was due. */
async function asked(paths, seconds) {
  const begun = performance.now();
  const answers = [];
  for (let index = 0; index < seconds * verdictsASecond; index += 1) {
    const due = begun + (index * 1_000) / verdictsASecond;
    while (performance.now() < due) await wait(Math.max(0, due - performance.now()));
    answers.push(get(paths[index % paths.length]).then(() => performance.now() - due));
  }
  const took = await Promise.all(answers);
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), most: quantile(took, 1) };
}

function get(url) {
  return new Promise((resolve, reject) => {
    httpRequest(url, { agent }, (answer) => {
      answer.resume().once('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`))));
    })
      .once('error', reject)
      .end();
  });
}

/** Bodies take seconds to be made: that is over when this returns, and nothing is sent before {@link during}. */
async function startSender() {
  const options = { port: Number(new URL(server.otlp).port), connections, seconds: secondsLoaded + 20, bodiesASecond: 3, niceness: 5 };
  const child = fork(new URL('./parts/saturate.mjs', import.meta.url), [JSON.stringify(options)], { execArgv: [] });
  await once(child, 'message');
  const during = async (work) => {
    child.send('go');
    await wait(1_000);
    const result = await work();
    child.send('stop');
    const [{ counts }] = await once(child, 'message');
    return { ...result, counts };
  };
  return { during };
}

function show(idle, loaded) {
  const inWords = ({ p50, p99, most }) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${most.toFixed(1)} ms`;
  report.line(`${verdictsASecond} verdicts a second, ${connections} connections, ${cpus().length} cores`);
  for (const [round, one] of loaded.entries()) {
    report.line(`  idle: ${inWords(idle[round])}`);
    const others = Object.entries(one.counts).filter(([status, count]) => status !== 'spans' && status !== '200' && count > 0);
    const refused = others.map(([status, count]) => `, ${count} × ${status}`).join('');
    const spans = (one.counts.spans / (secondsLoaded + 1) / 1_000).toFixed(0);
    report.line(`  ingest saturated: ${inWords(one)}; ${spans} thousand spans a second${refused}`);
  }
  report.line(`  idle: ${inWords(idle.at(-1))}`);
  report.atMost('p50 while ingest is saturated', Math.min(...loaded.map(({ p50 }) => p50)), 3, ' ms');
  const pairs = loaded.map(({ p99 }, round) => ({ p99, yardstick: (idle[round].p99 + idle[round + 1].p99) / 2 }));
  const limitOf = ({ yardstick }) => Math.max(20, 4 * yardstick);
  const [best] = pairs.toSorted((a, b) => a.p99 / limitOf(a) - b.p99 / limitOf(b));
  report.atMost('p99 while ingest is saturated, in the best round', best.p99, limitOf(best), ' ms');
  report.line(
    `  ratio to I, the idle API just before and after (${best.yardstick.toFixed(1)} ms): ${(best.p99 / best.yardstick).toFixed(2)}`,
  );
}
