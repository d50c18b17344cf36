import type { Socket } from 'node:net';
import { RefusedRequest } from '../refused-request.js';
import { answerBytes } from './answer-bytes.js';
import { BodyBuffer } from './body-buffer.js';
import type { BodyPool } from './body-pool.js';
import { ChunkedFraming } from './chunked-framing.js';
import type { Answer, Door, Exchange, LineLimits } from './exchange.js';
import { HeadBuffer } from './head-buffer.js';
import { type RequestHead, readHead } from './request-head.js';

/** idle: between requests. skipping: it has been refused, and the rest of it goes nowhere. leaving: nothing more is answered. */
type Phase = 'idle' | 'head' | 'body' | 'skipping' | 'leaving';

const goOn = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const nothing = Buffer.alloc(0);
/** of answers that the sender does not fetch; then nothing more is read from it */
const mostUnfetchedBytes = 64 * 1024;

/**
 * One line of one sender: requests in, answers out, one after the other and in order.
 *
 * A sender that is refused reads why: what it still sends is read and thrown away, for a while, because a line that is
 * closed while bytes are unread is reset, and a reset may reach the sender before the answer does.
 */
export class Connection {
  private phase: Phase = 'head';
  private readonly partial = new HeadBuffer();
  private head: RequestHead | null = null;
  private exchange: Exchange | null = null;
  private body: BodyBuffer | null = null;
  /** the body, where all of it came at once: it is read where it is */
  private lent: Buffer | null = null;
  private framing: ChunkedFraming | null = null;
  /** bytes of the body that are still to come, where its length was announced */
  private left = 0;
  private begunAt = performance.now();
  private deadline: number;
  private thrownAway = 0;
  private last = false;

  constructor(
    private readonly socket: Socket,
    private readonly door: Door,
    private readonly limits: LineLimits,
    private readonly pool: BodyPool,
  ) {
    this.deadline = this.begunAt + limits.headMs;
  }

  /** @param bytes  only lent. @returns false: nothing more, until the sender has fetched its answers */
  take(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) at = this.step(bytes, at);
    return this.socket.writableLength <= mostUnfetchedBytes;
  }

  /** The sender sends nothing more. */
  end(): void {
    const inTheMiddle = this.phase === 'body' || (this.phase === 'head' && !this.partial.isEmpty);
    if (inTheMiddle) this.refuseAndLeave(new RefusedRequest(400, 'the request was cut off'));
    else if (this.phase !== 'leaving') this.leave();
  }

  /** Ends what has taken too long. @param now  of performance.now() */
  checkTime(now: number): void {
    if (now < this.deadline) return;
    if (this.phase === 'head' || this.phase === 'body') {
      this.refuseAndLeave(new RefusedRequest(408, 'the request took too long to arrive'));
    } else this.socket.destroy();
  }

  /** The request that has begun is the last one. */
  finishUp(): void {
    this.last = true;
    if (this.phase === 'idle' || (this.phase === 'head' && this.partial.isEmpty)) this.leave();
  }

  /** The line is gone. */
  forget(): void {
    this.phase = 'leaving';
    this.letGo();
  }

  /** @returns where to go on */
  private step(bytes: Buffer, at: number): number {
    if (this.phase === 'idle') this.begin();
    if (this.phase === 'head') return this.takeHead(bytes, at);
    if (this.phase !== 'leaving') return this.takeBody(bytes, at);
    this.throwAway(bytes.length - at);
    return bytes.length;
  }

  private begin(): void {
    this.begunAt = performance.now();
    this.deadline = this.begunAt + this.limits.headMs;
    this.thrownAway = 0;
    this.head = null;
    this.phase = 'head';
  }

  private takeHead(bytes: Buffer, at: number): number {
    try {
      const next = this.partial.take(bytes, at);
      const { text } = this.partial;
      if (text === null) return next;
      this.partial.clear();
      this.open(readHead(text));
      return next;
    } catch (error) {
      this.refuseAndLeave(error);
      return at;
    }
  }

  private open(head: RequestHead): void {
    const { length } = head;
    this.head = head;
    this.framing = length === 'chunked' ? new ChunkedFraming() : null;
    this.left = length === 'chunked' ? 0 : length;
    this.phase = 'body';
    this.deadline = this.begunAt + this.limits.requestMs;
    try {
      this.exchange = this.door.admit(head);
      this.refuseLonger(this.left);
      if (head.expectsContinue && length !== 0) this.socket.write(goOn);
    } catch (error) {
      this.refuse(error);
    }
    if (length === 0) this.complete();
  }

  private takeBody(bytes: Buffer, at: number): number {
    if (this.framing === null) return this.takeAnnounced(bytes, at);
    try {
      const next = this.framing.take(bytes, at, (from, to) => this.keep(bytes, from, to));
      if (this.framing?.isDone) this.complete();
      return next;
    } catch (error) {
      this.refuseAndLeave(error);
      return at;
    }
  }

  private takeAnnounced(bytes: Buffer, at: number): number {
    const to = Math.min(bytes.length, at + this.left);
    this.left -= to - at;
    this.keep(bytes, at, to);
    if (this.left === 0) this.complete();
    return to;
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    const { exchange, framing } = this;
    if (this.phase !== 'body' || exchange === null) {
      this.throwAway(to - from);
      return;
    }
    try {
      exchange.hold(to - from);
      if (this.body === null && framing === null && this.left === 0) this.lent = bytes.subarray(from, to);
      else this.store(bytes.subarray(from, to));
    } catch (error) {
      this.refuse(error);
    }
  }

  private store(piece: Buffer): void {
    this.body ??= new BodyBuffer(this.pool, this.framing === null ? (this.head?.length as number) : null);
    this.refuseLonger(this.body.length + piece.length);
    this.body.add(piece);
  }

  private refuseLonger(bytes: number): void {
    const { mostBodyBytes } = this.door;
    if (bytes > mostBodyBytes) throw new RefusedRequest(413, `the body is larger than ${mostBodyBytes} bytes`);
  }

  /** All of the request is there; where it was refused before, that has been said. */
  private complete(): void {
    const { exchange, head } = this;
    if (this.phase === 'body' && exchange !== null) {
      const answer = this.answerOf(exchange);
      this.send(answer, this.keepsLine(head));
    }
    this.letGo();
    if (this.phase === 'leaving') return;
    if (!this.keepsLine(head)) this.leave();
    else {
      this.phase = 'idle';
      this.deadline = performance.now() + this.limits.idleMs;
    }
  }

  private answerOf(exchange: Exchange): Answer {
    try {
      return exchange.respond(this.lent ?? this.body?.bytes ?? nothing);
    } catch (error) {
      return this.door.refuse(error, this.head);
    }
  }

  /** The rest of the request goes nowhere, and the line stays open; but not to a sender that waits for a word before it goes on. */
  private refuse(error: unknown): void {
    const { head } = this;
    if (head?.expectsContinue || !this.keepsLine(head)) {
      this.refuseAndLeave(error);
      return;
    }
    this.send(this.door.refuse(error, head), true);
    this.letGo();
    this.phase = 'skipping';
    this.deadline = performance.now() + this.limits.patienceMs;
  }

  private refuseAndLeave(error: unknown): void {
    this.send(this.door.refuse(error, this.head), false);
    this.letGo();
    this.leave();
  }

  private leave(): void {
    this.phase = 'leaving';
    this.deadline = performance.now() + this.limits.patienceMs;
    this.socket.end();
  }

  private keepsLine(head: RequestHead | null): boolean {
    return (head?.keepAlive ?? false) && !this.last;
  }

  private send(answer: Answer, keepsLine: boolean): void {
    const idleSeconds = keepsLine ? Math.round(this.limits.idleMs / 1_000) : null;
    this.socket.write(answerBytes(answer, idleSeconds, this.head?.method !== 'HEAD'));
  }

  private throwAway(bytes: number): void {
    this.thrownAway += bytes;
    if (this.thrownAway > this.limits.patienceBytes) this.socket.destroy();
  }

  private letGo(): void {
    this.body?.release();
    this.exchange?.release();
    this.body = null;
    this.lent = null;
    this.exchange = null;
  }
}
