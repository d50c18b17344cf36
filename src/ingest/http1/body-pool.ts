const smallest = 64 * 1024;
/** that wait to be used again, in one thread */
const mostIdleBytes = 16 * 2 ** 20;

/**
 * Memory for bodies that is used again and again. A fresh buffer per body costs more than reading the body does, because
 * the kernel hands out its pages one by one; and those that wait for the collector are what makes the memory of a server peak.
 */
export class BodyPool {
  private readonly idle = new Map<number, Buffer[]>();
  private idleBytes = 0;

  /** At least so many bytes, with anything in them. */
  lend(bytes: number): Buffer {
    const size = Math.max(smallest, 2 ** Math.ceil(Math.log2(bytes)));
    const buffer = this.idle.get(size)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size);
    this.idleBytes -= size;
    return buffer;
  }

  /** Nobody reads it any more. */
  giveBack(buffer: Buffer): void {
    const size = buffer.length;
    if (this.idleBytes + size > mostIdleBytes) {
      freeNow(buffer);
      return;
    }
    this.idleBytes += size;
    const others = this.idle.get(size);
    if (others === undefined) this.idle.set(size, [buffer]);
    else others.push(buffer);
  }
}

/** Frees memory that is nobody else's without waiting for the collector, which does not feel how much of it there is. */
export function freeNow({ buffer }: Uint8Array): void {
  const isOfNode = buffer.byteLength <= Buffer.poolSize; // small buffers are slices of one that everybody uses
  if (buffer instanceof ArrayBuffer && !isOfNode) buffer.transfer(0);
}
