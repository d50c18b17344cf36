import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Decision } from '../../domain/index.js';
import { AssayClient, type VerdictAnswer } from '../assay-client.js';
import type { LiveArea } from '../progress.js';
import type { BoardRow, Paint } from './board.js';
import { type DemoOutcome, isRight, nextSteps, verdictsInWords } from './closing-words.js';
import { demoTemplate, demoTemplateName } from './demo-template.js';
import { Fleet } from './fleet.js';
import { baselineRelease, canaryReleases } from './shop-behaviour.js';
import { type TrafficStep, trafficSteps, weightOf } from './traffic.js';
import { followRun, showBoard } from './watch.js';
import { newWebhookSecret, startWebhookReceiver } from './webhook-receiver.js';

/** Where the demo's Assay finds its template and secret; removed afterwards. */
export interface DemoPlace {
  readonly templates: string;
  readonly secretFile: string;
}

/** An Assay that serves in this process. */
export interface DemoServer {
  readonly url: string;
  readonly otlpUrl: string;
  stop(): Promise<void>;
}

export interface DemoStage {
  readonly startServer: (place: DemoPlace) => Promise<DemoServer>;
  readonly area: LiveArea;
  readonly watched: boolean;
  readonly paint: Paint;
  /** go on serving after the verdicts, until the signal */
  readonly stay: boolean;
  readonly signal: AbortSignal;
}

/** What each canary ought to get. Only compared with, at the very end; nothing is decided by it. */
const expected: Readonly<Record<string, Decision>> = { '1.5.0': 'promote', '1.5.1': 'rollback', '1.5.2': 'rollback' };

/** Assay, a shop in four versions and its users, for as long as three verdicts take. True: all three are right. */
export async function runDemo(stage: DemoStage): Promise<boolean> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    return await perform(stage, undo);
  } finally {
    stage.area.stop();
    for (const step of undo.reverse()) await step().catch((error: Error) => stage.area.keep(`  while cleaning up: ${error.message}`));
  }
}

async function perform(stage: DemoStage, undo: (() => Promise<unknown>)[]): Promise<boolean> {
  const { area, signal } = stage;
  const place = await preparePlace();
  undo.push(() => rm(place.directory, { recursive: true, force: true }));
  area.show('  starting Assay …');
  const server = await stage.startServer(place);
  undo.push(() => server.stop());
  area.keep(`  Assay answers at ${server.url} and takes OTLP at ${server.otlpUrl}`);
  const client = new AssayClient(server.url);
  const webhook = await startWebhook(client, place, area);
  undo.push(() => webhook.close());
  area.show('  starting four versions of the shop …');
  const fleet = await Fleet.start(server.otlpUrl);
  undo.push(() => fleet.close());
  const lost = new AbortController();
  fleet.onLost((how) => lost.abort(new Error(how)));
  const either = AbortSignal.any([signal, lost.signal]);

  const outcomes = await judge(stage, client, fleet, either);
  area.keep(`\n${verdictsInWords(outcomes)}`);
  area.keep(`${nextSteps(outcomes, server.url, stage.stay)}\n`);
  if (stage.stay) await untilAborted(either);
  return outcomes.every(isRight);
}

/** Three runs side by side, each the baseline against one canary, while the canaries' share grows. */
async function judge(stage: DemoStage, client: AssayClient, fleet: Fleet, signal: AbortSignal): Promise<DemoOutcome[]> {
  const [firstStep = { afterSeconds: 0, canaryShare: 0.1 }, ...laterSteps] = trafficSteps;
  let step: TrafficStep = firstStep;
  fleet.aim(step);
  await pause(1500, undefined, { signal }); // the first spans are on their way
  const startedAt = performance.now();
  const runs = await Promise.all(canaryReleases.map(({ version }) => startRun(client, version, step, signal)));
  const verdicts = new Map<string, VerdictAnswer>();
  const rows = (): BoardRow[] => canaryReleases.map(({ version, about }) => ({ version, about, verdict: verdicts.get(version) ?? null }));
  const head = () => ({
    elapsedSeconds: (performance.now() - startedAt) / 1000,
    requestsPerSecond: fleet.requestsPerSecond,
    canaryShare: step.canaryShare,
  });
  const stopShowing = showBoard(stage.area, stage.watched, stage.paint, () => ({ rows: rows(), head: head() }));
  const steps = laterSteps.map(async (next) => {
    await pause(next.afterSeconds * 1000, undefined, { signal, ref: false });
    fleet.aim(next);
    step = next;
    const open = runs.filter((_, index) => !verdicts.get(canaryReleases[index]?.version ?? '')?.final);
    await Promise.allSettled(open.map((run) => declareWeight(client, run, next)));
  });
  for (const pending of steps) pending.catch(() => undefined); // only ever aborted
  try {
    return await Promise.all(
      canaryReleases.map(async ({ version, about }, index) => {
        const run = runs[index] ?? '';
        const verdict = await followRun(client, run, (news) => verdicts.set(version, news), signal);
        return { version, about, run, expected: expected[version] ?? 'hold', verdict };
      }),
    );
  } finally {
    stopShowing();
  }
}

function startRun(client: AssayClient, version: string, step: TrafficStep, signal: AbortSignal): Promise<string> {
  const request = {
    template: demoTemplateName,
    arguments: { service: 'shop' },
    baseline: baselineRelease.version,
    canary: version,
    weight: weightOf(step, canaryReleases.length),
    labels: { demo: version },
  };
  return client.startRun(request, `demo-${version}`, signal);
}

const declareWeight = (client: AssayClient, run: string, step: TrafficStep): Promise<unknown> =>
  client.post(`/v1/runs/${run}/phase`, { weight: weightOf(step, canaryReleases.length) });

async function preparePlace(): Promise<DemoPlace & { directory: string; secret: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'assay-demo-'));
  const templates = join(directory, 'templates');
  const [secretFile, secret] = [join(directory, 'webhook-secret'), newWebhookSecret()];
  await mkdir(templates);
  await writeFile(join(templates, `${demoTemplateName}.yaml`), demoTemplate);
  await writeFile(secretFile, secret, { mode: 0o600 });
  return { directory, templates, secretFile, secret };
}

/** A receiver beside Assay that shows that final verdicts are told, and signed. */
async function startWebhook(
  client: AssayClient,
  place: { secretFile: string; secret: string },
  area: LiveArea,
): Promise<{ close(): Promise<void> }> {
  const receiver = await startWebhookReceiver(place.secret, ({ type, canary, decision, verified }) => {
    if (type === 'verdict.final') area.keep(`  webhook: ${canary} ${decision}, ${verified ? 'signature verified' : 'BAD SIGNATURE'}`);
  });
  const endpoint = { channel: 'webhook', url: receiver.url, secretRef: `file:${place.secretFile}`, events: ['verdict.final'] };
  await client.post('/v1/endpoints', endpoint).catch((error: Error) => area.keep(`  no webhook in this demo: ${error.message}`));
  return receiver;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
