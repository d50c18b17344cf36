const slots = 1 << 18;

/**
 * Remembers about the last quarter of a million requests of spans, in memory that all receiving threads share: an
 * exporter that did not get our answer sends the same request again, perhaps by another connection to another thread.
 *
 * Each request has one slot; a later one in the same slot takes its place, so that memory is fixed.
 */
export class RecentRequests {
  static readonly bytes = slots * 8;
  private readonly seen: BigInt64Array;

  /** @param memory  8 bytes for each request that can be remembered: 8 times a power of two */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(RecentRequests.bytes)) {
    this.seen = new BigInt64Array(memory);
  }

  /** @returns true: this request has been here, and was not forgotten yet */
  meet(fingerprint: bigint): boolean {
    const name = BigInt.asIntN(64, fingerprint) || 1n; // 0 means that a slot is empty
    const slot = Number(BigInt.asUintN(32, name)) % this.seen.length;
    return Atomics.exchange(this.seen, slot, name) === name;
  }
}
