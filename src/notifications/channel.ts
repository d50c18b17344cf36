import type { OutboxEvent } from '../domain/index.js';

/** What is posted, byte by byte. */
export interface Message {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
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
  /** true: whoever knows the address may post, so it is kept by reference only */
  readonly secretAddress: boolean;
  /** true: signed by Standard Webhooks, and endpoints must name a secret */
  readonly signed: boolean;
  /** headers never include Host, Content-Length or webhook-* */
  render(event: OutboxEvent): Message;
}
