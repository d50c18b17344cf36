import { type RequestMemory } from '../recent-requests.js';

const generation = 65_536;

/**
 * Remembers at least the last 65 536 requests of spans, every one of them: a log is read on one thread, and what it promises of duplicates
 * shall not be a matter of luck, however small.
 */
export class RecentRecords implements RequestMemory {
  private now = new Set<bigint>();
  private before = new Set<bigint>();

  meet(fingerprint: bigint): boolean {
    if (this.now.has(fingerprint)) return true;
    const isKnown = this.before.has(fingerprint);
    if (this.now.size >= generation) {
      this.before = this.now;
      this.now = new Set();
    }
    this.now.add(fingerprint);
    return isKnown;
  }
}
