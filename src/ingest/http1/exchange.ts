import type { RequestHead } from './request-head.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array;
}

/** One request that was let in by its head, until it is answered. */
export interface Exchange {
  /** So many more bytes of its body are in memory now. Throws where that is too much. */
  hold(bytes: number): void;
  /** Throws where the request is refused. @param body  only lent, until this returns */
  respond(body: Buffer): Answer;
  /** Called once, whatever became of it. */
  release(): void;
}

/** What is behind the listener. */
export interface Door {
  /** bytes of a body on the wire; longer ones are refused */
  readonly mostBodyBytes: number;
  /** Judges a request by its head alone; throws where it is refused. */
  admit(head: RequestHead): Exchange;
  /** Says what was thrown. @param head  null: there was none that could be read */
  refuse(error: unknown, head: RequestHead | null): Answer;
}

export interface LineLimits {
  /** from its first byte (of the first request: from the opening of the line) until the head of a request is there */
  readonly headMs: number;
  /** until all of a request is there */
  readonly requestMs: number;
  /** between requests */
  readonly idleMs: number;
  /** what a refused sender may still send before the line is cut */
  readonly patienceMs: number;
  readonly patienceBytes: number;
}
