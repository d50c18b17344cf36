import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import type { Agent } from 'undici';
import { readSecret, SETTINGS, type Settings } from '../config/index.js';
import { DeliveryError, type OutboxEvent } from '../domain/index.js';
import { type ClaimedDelivery, Database, DeliveryStore, OutboxStore } from '../storage/index.js';
import { countDelivery } from '../telemetry/index.js';
import type { Channel, ChannelOptions, Message } from './channel.js';
import { channels } from './channels/index.js';
import { guardedAgent } from './egress/guarded-agent.js';
import { type Answer, post } from './post.js';
import { afterAttempt } from './retry-policy.js';
import { signatureHeaders } from './signature.js';
import { partsOfAddress, withoutSecrets } from './without-secrets.js';

const pollMs = 1_000;
const slots = 64;
/** endpoints that fail share these, so that they cannot take the slots of those that work */
const slotsForFailing = 16;
const perEndpoint = 4;
/** one that fails is asked by one delivery at a time, until it works again */
const perFailingEndpoint = 1;
/** longer than an attempt may take: who holds a claim beyond it is dead or asleep */
const leaseSeconds = 25;
const graceMs = 10_000;

/**
 * Takes events to their receivers, each at least once, each run's in order for each endpoint.
 *
 * It wakes at every commit that has something to tell, and looks once a second for what others left. A process that dies
 * leaves claims behind, which run out; on the embedded store they are taken back at the start.
 */
@Injectable()
export class DeliveryWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger(DeliveryWorker.name);
  private readonly inFlight = new Map<string, { readonly failing: boolean; readonly done: Promise<void> }>();
  private agent: Agent | null = null;
  private stopping = new AbortController();
  private unsubscribe = (): void => {};
  private timer: NodeJS.Timeout | null = null;
  private claiming: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxStore,
    private readonly deliveries: DeliveryStore,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'egressAllow'>,
  ) {}

  async start(): Promise<void> {
    if (this.timer) return;
    if (this.database.embedded) await this.deliveries.releaseAll();
    this.stopping = new AbortController();
    this.agent = guardedAgent(this.settings.egressAllow);
    this.unsubscribe = this.outbox.onAdded(() => this.wake());
    this.timer = setInterval(() => this.wake(), pollMs);
    this.wake();
  }

  /** Starts nothing new, lets what is under way end for 10 s, then gives the rest back. May be called twice. */
  async stop(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.unsubscribe();
    await this.claiming;
    const allDone = Promise.all([...this.inFlight.values()].map(({ done }) => done));
    await Promise.race([allDone, sleep(graceMs, undefined, { ref: false })]);
    this.stopping.abort(new Error('the worker is stopping'));
    await allDone;
    await this.agent?.destroy();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** Looks for due deliveries now; soon again, where it is looking already. */
  wake(): void {
    this.again = true;
    this.claiming ??= this.claimAll().finally(() => {
      this.claiming = null;
      if (this.again && this.timer) this.wake(); // asked between the last look and now
    });
  }

  private async claimAll(): Promise<void> {
    try {
      while (this.again && this.timer) {
        this.again = false;
        if (!(await this.deliveries.isAnyDue(new Date()))) return;
        for (const failing of [false, true]) await this.claim(failing);
      }
    } catch (error) {
      this.logger.warn(`deliveries cannot be claimed: ${messageOf(error)}`); // the next poll tries again
    }
  }

  private async claim(failing: boolean): Promise<void> {
    const busyFailing = [...this.inFlight.values()].filter((delivery) => delivery.failing).length;
    const limit = Math.min(slots - this.inFlight.size, failing ? slotsForFailing - busyFailing : slots);
    if (limit <= 0) return;
    const claimed = await this.deliveries.claim({
      claim: randomUUID(),
      limit,
      failing,
      perEndpoint: failing ? perFailingEndpoint : perEndpoint,
      leaseSeconds,
      now: new Date(),
    });
    for (const delivery of claimed) {
      const done = this.deliver(delivery).finally(() => {
        this.inFlight.delete(delivery.id);
        this.wake(); // the next event of this run may be waiting for this one
      });
      this.inFlight.set(delivery.id, { failing, done });
    }
    if (claimed.length > 0) this.again = true;
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const at = new Date();
    const started = performance.now();
    try {
      const answer = await this.attempt(delivery, at);
      const durationMs = performance.now() - started;
      const { status, error, snippet, retryAfterSeconds } = answer;
      const state = await this.deliveries.settle(delivery, { at, status, durationMs, error, snippet }, (lane, laneAttempts) =>
        answer === nothingToTell
          ? { state: 'delivered', dueAt: null, disable: null }
          : afterAttempt(
              {
                lane,
                laneAttempts,
                status,
                retryAfterSeconds,
                at: new Date(at.getTime() + durationMs),
                failingSince: delivery.endpoint.failingSince,
                type: delivery.event.type,
              },
              Math.random,
            ),
      );
      if (state) countDelivery(delivery.endpoint.channel, state === 'pending' ? 'failed' : state);
      if (state === 'dead') this.logger.error(`delivery ${delivery.id} to endpoint ${delivery.endpoint.id} is given up: ${error}`);
    } catch (error) {
      if (this.stopping.signal.aborted) await this.deliveries.release(delivery).catch(() => {});
      else this.logger.warn(`delivery ${delivery.id} is not written down and will be sent again: ${messageOf(error)}`);
    }
  }

  /** Whatever goes wrong before the post (a missing secret, a bad address) is a failed attempt like any other. */
  private async attempt({ event, endpoint }: ClaimedDelivery, at: Date): Promise<Answer> {
    try {
      const channel = channels.find(({ type }) => type === endpoint.channel);
      if (!channel || !this.agent) throw new DeliveryError(`there is no channel ${endpoint.channel}`, { retryable: true });
      const url = endpoint.url ?? (await secretAt(endpoint.urlRef ?? ''));
      const secret = endpoint.secretRef === null ? null : await secretAt(endpoint.secretRef);
      const message = messageFor(channel, event, endpoint.options, secret, at);
      if (message === null) return nothingToTell;
      const answer = await post(this.agent, url, message, this.stopping.signal);
      const secrets = [...(secret === null ? [] : [secret]), ...(endpoint.urlRef === null ? [] : partsOfAddress(url))];
      return { ...answer, snippet: answer.snippet && withoutSecrets(answer.snippet, secrets) };
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return { status: null, error: error.message, snippet: null, retryAfterSeconds: null };
    }
  }
}

/** The channel has no words for this event: it is done without a request. */
const nothingToTell: Answer = { status: null, error: null, snippet: 'this channel is not told of such events', retryAfterSeconds: null };

function messageFor(channel: Channel, event: OutboxEvent, options: ChannelOptions, secret: string | null, at: Date): Message | null {
  if (secret === null && channel.secret !== 'none' && channel.secret !== 'optional')
    throw new DeliveryError('the endpoint names no secret', { retryable: true });
  const message = channel.render(event, { options, credential: channel.secret === 'signs' ? null : secret });
  if (channel.secret !== 'signs' || secret === null || message === null) return message;
  return { ...message, headers: { ...message.headers, ...signatureHeaders(event.id, at, message.body, secret) } };
}

async function secretAt(reference: string): Promise<string> {
  const secret = await readSecret(reference);
  if (secret === null) throw new DeliveryError(`the secret ${reference} is missing or empty`, { retryable: true });
  return secret;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
