import type { Issue, OutboxEvent } from '../domain/index.js';

/** What is posted, byte by byte. */
export interface Message {
  /** POST where left out */
  readonly method?: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an endpoint says to its channel beside the address; `optionIssues` has found nothing wrong with it. */
export type ChannelOptions = Readonly<Record<string, unknown>>;

/** For whom a message is rendered. */
export interface RenderedFor {
  readonly options: ChannelOptions;
  /** the secret itself, for channels whose messages hold it; null: there is none */
  readonly credential: string | null;
}

/**
 * A kind of destination: how an event reads there.
 *
 * Contract: `render` is pure, so every attempt sends the same bytes; it accepts every event, also of types that come later, and
 * stays within the vendor's limits whatever people wrote into names and labels. Signing, retries, time limits and the log
 * belong to the worker.
 */
export interface Channel {
  readonly type: string;
  /** address of endpoints that give none; absent: they must */
  readonly defaultUrl?: (options: ChannelOptions) => string;
  /** true: whoever knows the address may post, so it is kept by reference only */
  readonly secretAddress: boolean;
  /** signs: messages are signed by Standard Webhooks; credential: the message holds it; optional: it may; none: there is no secret */
  readonly secret: 'signs' | 'credential' | 'optional' | 'none';
  /** everything that is wrong with such options; absent: the channel has none */
  readonly optionIssues?: (options: ChannelOptions) => readonly Issue[];
  /** null: this event is nothing there. Headers never include Host, Content-Length or webhook-* */
  render(event: OutboxEvent, endpoint: RenderedFor): Message | null;
}
