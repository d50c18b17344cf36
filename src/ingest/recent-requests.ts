/** Knows which requests were met before. */
export interface RequestMemory {
  /** @returns true: this request has been here, and was not forgotten yet */
  meet(fingerprint: bigint): boolean;
}

const groups = 1 << 15;
/** requests that one group remembers; of a million random requests none is forgotten before some 30 000 others came */
const ways = 8;
const groupWords = 2;
const [lock, next] = [0, 1];
/** a thread that ended inside a group must not stop the others */
const mostSpins = 100_000;

/**
 * Remembers about the last quarter of a million requests, in memory that all receiving threads share: an
 * exporter that did not get our answer sends the same request again, perhaps by another connection to another thread.
 *
 * Memory is fixed: a request belongs to a group of eight, where a new one takes the place of the oldest. Of two threads that meet the same
 * request at the same moment one is told that it is new.
 */
export class RecentRequests implements RequestMemory {
  static readonly bytes = groups * (ways * 8 + groupWords * 4);
  private readonly seen: BigInt64Array;
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(RecentRequests.bytes)) {
    this.seen = new BigInt64Array(memory, 0, groups * ways);
    this.words = new Int32Array(memory, groups * ways * 8);
  }

  meet(fingerprint: bigint): boolean {
    const name = BigInt.asIntN(64, fingerprint) || 1n; // 0 means that a place is empty
    const group = Number(BigInt.asUintN(32, name)) % groups;
    const held = this.enter(group);
    const isKnown = this.has(group, name) || this.keep(group, name);
    if (held) Atomics.store(this.words, group * groupWords + lock, 0);
    return isKnown;
  }

  private has(group: number, name: bigint): boolean {
    for (let place = group * ways; place < (group + 1) * ways; place += 1) if (Atomics.load(this.seen, place) === name) return true;
    return false;
  }

  /** @returns false: it is new */
  private keep(group: number, name: bigint): false {
    const place = Atomics.add(this.words, group * groupWords + next, 1) & (ways - 1);
    Atomics.store(this.seen, group * ways + place, name);
    return false;
  }

  private enter(group: number): boolean {
    for (let spin = 0; spin < mostSpins; spin += 1)
      if (Atomics.compareExchange(this.words, group * groupWords + lock, 0, 1) === 0) return true;
    return false;
  }
}
