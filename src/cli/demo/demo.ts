import { setTimeout as pause } from 'node:timers/promises';
import { AssayClient } from '../assay-client.js';
import type { LiveArea } from '../progress.js';
import type { Paint } from './board.js';
import { CanaryTrial } from './canary-trial.js';
import { isRight, nextSteps, verdictsInWords } from './closing-words.js';
import { type DemoPlace, makeDemoPlace } from './demo-place.js';
import { Fleet } from './fleet.js';
import { showBoard } from './watch.js';
import { startWebhookReceiver } from './webhook-receiver.js';

/** An Assay that serves in this process. */
export interface DemoServer {
  readonly url: string;
  readonly otlpUrl: string;
  readonly metricsUrl: string;
  /** ports that it would usually have, and somebody else has */
  readonly taken: readonly number[];
  stop(): Promise<void>;
}

export interface DemoStage {
  readonly startServer: (place: DemoPlace) => Promise<DemoServer>;
  readonly area: LiveArea;
  readonly watched: boolean;
  readonly paint: Paint;
  /** of the screen, in characters; it may change */
  readonly width: () => number;
  /** go on serving after the verdicts, until the signal */
  readonly stay: boolean;
  readonly signal: AbortSignal;
}

/** Nothing in a store in memory is worth waiting longer for. */
const stopPatienceMs = 1500;

type Undo = (() => Promise<unknown>)[];

/** Assay, a shop in four versions and its users, for as long as three verdicts take. True: all three are right. */
export async function runDemo(stage: DemoStage): Promise<boolean> {
  const undo: Undo = [];
  try {
    return await perform(stage, undo);
  } finally {
    stage.area.stop();
    for (const step of undo.reverse()) await step().catch((error: Error) => stage.area.keep(`  while cleaning up: ${error.message}`));
  }
}

async function perform({ startServer, area, watched, paint, width, stay, signal: stopped }: DemoStage, undo: Undo): Promise<boolean> {
  const place = await makeDemoPlace();
  undo.push(() => place.remove());
  area.show('  starting Assay …');
  const server = await startServer(place);
  undo.push(() => Promise.race([server.stop(), pause(stopPatienceMs)]));
  area.keep(`  Assay answers at ${server.url} and takes OTLP at ${server.otlpUrl}; its own metrics: ${server.metricsUrl}`);
  if (server.taken.length > 0)
    area.keep(`  (other ports than usual: ${server.taken.join(', ')} ${server.taken.length > 1 ? 'are' : 'is'} taken)`);
  const client = new AssayClient(server.url);
  const told = await tellByWebhook(client, place, area, undo);

  area.show('  starting four versions of the shop, and their users …');
  const fleet = await Fleet.start(server.otlpUrl, place.directory);
  undo.push(() => fleet.close());
  const lost = new AbortController();
  fleet.onLost((how) => lost.abort(new Error(how)));
  const signal = AbortSignal.any([stopped, lost.signal]);

  const trial = await CanaryTrial.start(client, fleet, signal);
  const stopShowing = showBoard(area, watched, paint, width, () => trial.now());
  const outcomes = await trial.outcomes(signal).finally(stopShowing);
  await told(outcomes.length, signal);
  area.keep(`\n${verdictsInWords(outcomes, width())}\n${nextSteps(outcomes, server.url, stay)}\n`);
  if (stay) await untilAborted(signal);
  return outcomes.every(isRight);
}

/**
 * A receiver beside Assay that shows that final verdicts are told, and signed.
 *
 * @returns waits until so many verdicts were told, at most three seconds
 */
async function tellByWebhook(
  client: AssayClient,
  place: DemoPlace,
  area: LiveArea,
  undo: Undo,
): Promise<(verdicts: number, signal: AbortSignal) => Promise<void>> {
  let told = 0;
  const receiver = await startWebhookReceiver(place.secret, ({ type, canary, decision, verified }) => {
    if (type !== 'verdict.final') return;
    told += 1;
    area.keep(`  webhook delivered: ${canary} ${decision}, ${verified ? 'signature verified' : 'WRONG SIGNATURE'}`);
  });
  undo.push(() => receiver.close());
  const endpoint = { channel: 'webhook', url: receiver.url, secretRef: `file:${place.secretFile}`, events: ['verdict.final'] };
  await client.post('/v1/endpoints', endpoint);
  return async (verdicts, signal) => {
    for (let waited = 0; told < verdicts && waited < 3000; waited += 100) await pause(100, undefined, { signal });
  };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
