import { RefusedRequest } from '../refused-request.js';
import { mostHeadBytes } from './request-head.js';

const end = Buffer.from('\r\n\r\n');
const [carriageReturn, lineFeed, letterA, letterZ] = [13, 10, 65, 90];

/** Finds the head of a request in bytes as they arrive. Most heads arrive whole, and are not copied then. */
export class HeadBuffer {
  private buffer: Buffer | null = null;
  private used = 0;
  private found: string | null = null;

  /** The head without the empty line at its end; null: it is not all there yet. */
  get text(): string | null {
    return this.found;
  }

  /** Nothing of a request has come. */
  get isEmpty(): boolean {
    return this.used === 0 && this.found === null;
  }

  /**
   * @returns the index of the first byte that does not belong to the head
   * @throws {RefusedRequest} 431 too long, 400 does not begin like a request, or ends a line in another way
   */
  take(bytes: Buffer, from: number): number {
    const at = this.isEmpty ? afterEmptyLines(bytes, from) : from;
    if (at === bytes.length) return at;
    if (this.isEmpty) refuseOtherProtocols(bytes[at] as number);
    return this.used === 0 ? this.takeFirst(bytes, at) : this.takeMore(bytes, at);
  }

  clear(): void {
    this.buffer = null;
    this.used = 0;
    this.found = null;
  }

  private takeFirst(bytes: Buffer, at: number): number {
    const stop = bytes.subarray(at, at + mostHeadBytes + end.length).indexOf(end);
    if (stop >= 0) {
      this.found = bytes.toString('latin1', at, at + stop);
      return at + stop + end.length;
    }
    this.buffer = Buffer.allocUnsafe(mostHeadBytes + end.length);
    return this.takeMore(bytes, at);
  }

  private takeMore(bytes: Buffer, at: number): number {
    const buffer = this.buffer as Buffer;
    const before = this.used;
    this.used += bytes.copy(buffer, before, at);
    const stop = buffer.subarray(0, this.used).indexOf(end, Math.max(0, before - end.length + 1));
    if (stop >= 0) {
      this.found = buffer.toString('latin1', 0, stop);
      return at + stop + end.length - before;
    }
    refuseLoneFeeds(buffer.subarray(0, this.used), before);
    if (this.used === buffer.length) throw new RefusedRequest(431, `more than ${mostHeadBytes} bytes of header`);
    return bytes.length;
  }
}

/** Some senders end a body with one line too many. */
function afterEmptyLines(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] === carriageReturn || bytes[at] === lineFeed)) at += 1;
  return at;
}

/** The end of such a head would never be found. */
function refuseLoneFeeds(head: Buffer, from: number): void {
  for (let at = head.indexOf(lineFeed, from); at >= 0; at = head.indexOf(lineFeed, at + 1)) {
    if (head[at - 1] !== carriageReturn) throw new RefusedRequest(400, 'a line of the head ends with a line feed alone');
  }
}

/** A sender that speaks TLS, say, would wait for an answer until its time is over. */
function refuseOtherProtocols(first: number): void {
  if (first < letterA || first > letterZ) throw new RefusedRequest(400, 'this is not a request that HTTP knows');
}
