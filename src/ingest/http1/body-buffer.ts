import type { BodyPool } from './body-pool.js';

/** memory taken at first for a body whose announced length may be a lie */
const firstBytes = 2 ** 20;

/** A body as it arrives. It takes memory as bytes come, and not because they were announced. */
export class BodyBuffer {
  private buffer: Buffer | null = null;
  private used = 0;

  /** @param announced  bytes; null: not known */
  constructor(
    private readonly pool: BodyPool,
    private readonly announced: number | null,
  ) {}

  get length(): number {
    return this.used;
  }

  /** Valid until {@link release}. */
  get bytes(): Buffer {
    return this.buffer?.subarray(0, this.used) ?? Buffer.alloc(0);
  }

  add(bytes: Uint8Array): void {
    const needed = this.used + bytes.length;
    if (this.buffer === null || needed > this.buffer.length) this.grow(needed);
    this.buffer?.set(bytes, this.used);
    this.used = needed;
  }

  release(): void {
    if (this.buffer !== null) this.pool.giveBack(this.buffer);
    this.buffer = null;
    this.used = 0;
  }

  private grow(needed: number): void {
    const { buffer, used, pool, announced } = this;
    const wanted = buffer === null ? Math.min(announced ?? 0, firstBytes) : 4 * buffer.length;
    const larger = pool.lend(Math.max(needed, announced === null ? wanted : Math.min(wanted, announced)));
    if (buffer !== null) {
      larger.set(buffer.subarray(0, used));
      pool.giveBack(buffer);
    }
    this.buffer = larger;
  }
}
