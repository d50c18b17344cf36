// How soon a rollback is visible after the telemetry that proves it: a real server, many services with live traffic and a run each, and
// canaries that begin to fail at moments of their own. Windows of a second; a client waits for the verdict as a deploy tool does.
import { request as httpRequest } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, quantile, startAssay } from './parts/assay-process.mjs';
import { traceBody } from './parts/otlp-bodies.mjs';
import { Report } from './parts/timing.mjs';

const windowMs = 1_000;
const latenessMs = 50;
const runsAtOnce = 15;
const rounds = 4;
/** each service sends so many spans of each cohort this often */
const [everyMs, spansEach] = [47, 4];
const healthyMs = 5_000;
const regressionsWithinMs = 6_000;
const patienceMs = 40_000;

const template = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata:
  name: freshness
  title: Errors of \${service}
spec:
  arguments:
    service: { type: string, pattern: '[a-z0-9-]{1,40}', description: a service }
  cohorts: { by: service.version }
  schedule: { window: ${windowMs / 1000}s, lateness: ${latenessMs}ms, warmup: 2s, minDuration: 30m, minSamples: 20, deadline: 1h }
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion:
        of: { service.name: '\${service}', kind: server }
        events: { service.name: '\${service}', kind: server, status: error }
      margin: { relative: 0.2, absolute: 0.01 }
    - name: latency
      role: critical
      source: traces
      percentiles: { of: { service.name: '\${service}', kind: server }, at: [0.95] }
      margin: { relative: 0.25 }
`;

const report = new Report();
const server = await startAssay({ templates: { freshness: template }, environment: { ASSAY_LOG_LEVEL: 'info' } });
try {
  const measured = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await oneRound(round));
  show(measured, await meanOf('assay_look_duration_seconds'));
} finally {
  await server.stop();
}
process.exitCode = report.failed ? 1 : 0;

async function oneRound(round) {
  const services = Array.from({ length: runsAtOnce }, (_, index) => ({
    name: `shop-${round}-${index}`,
    failsFrom: Number.POSITIVE_INFINITY,
    /** when the last failing span of each window was sent, by the window's start */
    lastFailing: new Map(),
  }));
  const sender = startSending(services, round);
  await wait(windowMs);
  const runs = await Promise.all(services.map(startRun));
  await wait(healthyMs);
  const now = Date.now();
  for (const service of services) service.failsFrom = now + Math.random() * regressionsWithinMs;
  const found = await Promise.all(runs.map(rollbackOf));
  await sender.stop();
  return found;
}

async function startRun(service) {
  const started = await ask(`${server.api}/v1/runs`, {
    template: 'freshness',
    arguments: { service: service.name },
    baseline: '1.41.0',
    canary: '1.42.0',
  });
  return { service, id: started.id };
}

/** Waits as a deploy tool does: with a long poll, that is answered when the verdict changes. */
async function rollbackOf({ service, id }) {
  const deadline = Date.now() + patienceMs;
  let verdict = null;
  let visibleAt = 0;
  for (let tag = ''; verdict?.final !== true; ) {
    const answer = await fetch(`${server.api}/v1/runs/${id}/verdict?wait=20s`, tag ? { headers: { 'if-none-match': tag } } : {});
    if (answer.status === 200) verdict = await answer.json();
    visibleAt = Date.now();
    tag = answer.headers.get('etag') ?? '';
    if (visibleAt > deadline) throw new Error(`run ${id} was not rolled back in time: ${verdict?.reason}`);
  }
  if (verdict.decision !== 'rollback') throw new Error(`run ${id} ended with ${verdict.decision}: ${verdict.reason}`);
  const { from } = await ask(`${server.api}/v1/runs/${id}`);
  const { looks } = await ask(`${server.api}/v1/runs/${id}/looks?limit=1&after=${verdict.looks - 1}`);
  const windowFrom = Date.parse(from) + (verdict.looks - 1) * windowMs;
  const lastSpanAt = service.lastFailing.get(windowFrom);
  if (lastSpanAt === undefined) throw new Error(`run ${id} was rolled back by a window in which nothing failed: ${verdict.reason}`);
  return { visibleAt, lookAt: Date.parse(looks[0].at), windowTo: windowFrom + windowMs, lastSpanAt };
}

/** One request every few milliseconds with spans of all services, on one connection; requests do not overtake each other. */
function startSending(services, round) {
  let stopped = false;
  let batch = round * 1_000_000;
  const loop = async () => {
    for (let due = Date.now(); !stopped; due += everyMs) {
      await wait(Math.max(0, due - Date.now()));
      const now = Date.now();
      const bodies = services.flatMap((service) =>
        ['1.41.0', '1.42.0'].map((cohort) => {
          const failing = cohort === '1.42.0' && now >= service.failsFrom;
          if (failing) service.lastFailing.set(Math.floor((now - 1) / windowMs) * windowMs, Date.now());
          return traceBody({
            batch: batch++,
            spans: spansEach,
            resources: 1,
            services: [service.name],
            cohorts: [cohort],
            endMs: now,
            spreadMs: 1,
            fails: (_, random) => random() < (failing ? 0.5 : 0.01),
          });
        }),
      );
      await post(Buffer.concat(bodies)); // messages of protobuf behind each other are one
    }
  };
  const done = loop();
  return {
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

function post(body) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${server.otlp}/v1/traces`,
      { method: 'POST', headers: { 'content-type': 'application/x-protobuf' } },
      (answer) => {
        answer
          .resume()
          .once('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`telemetry was refused: ${answer.statusCode}`))));
      },
    );
    request.once('error', reject).end(body);
  });
}

async function meanOf(metric) {
  const page = await (await fetch(server.metrics)).text();
  const read = (name) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        ?.split(' ')[1],
    );
  return read(`${metric}_sum`) / read(`${metric}_count`);
}

/** Neighbours on the machine only ever make a round slower: what is shown, and what the gate is about, is the faster half of the rounds. */
function show(measured, lookSeconds) {
  const p99Of = (found) =>
    quantile(
      found.map(({ visibleAt, lastSpanAt }) => visibleAt - lastSpanAt),
      0.99,
    );
  const sorted = measured.toSorted((a, b) => p99Of(a) - p99Of(b));
  const faster = sorted.slice(0, rounds / 2).flat();
  const spread = (name, pick) => {
    const [median, high] = [0.5, 0.99].map((share) => quantile(faster.map(pick), share).toFixed(0));
    report.line(`  ${name}: median ${median} ms, p99 ${high} ms`);
  };
  report.line(`${faster.length} of ${measured.flat().length} rollbacks, windows of ${windowMs} ms, lateness ${latenessMs} ms:`);
  spread('last failing span sent → its window ends', ({ windowTo, lastSpanAt }) => windowTo - lastSpanAt);
  spread('window ends → its lateness is over, it is closed and stored, its look begins', ({ lookAt, windowTo }) => lookAt - windowTo);
  spread('look begins → the verdict is at the client', ({ visibleAt, lookAt }) => visibleAt - lookAt);
  report.line(`  of all rounds: a look takes ${(lookSeconds * 1e3).toFixed(1)} ms on average, of up to eight side by side`);
  spread('window ends → the verdict is at the client', ({ visibleAt, windowTo }) => visibleAt - windowTo);
  report.line(`  p99 of each round: ${sorted.map((found) => `${p99Of(found).toFixed(0)} ms`).join(', ')}`);
  report.atMost('last failing span sent → rollback at the client, p99', p99Of(faster), windowMs + 500, ' ms');
}
