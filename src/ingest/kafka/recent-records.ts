import { RecentRequests } from '../recent-requests.js';

const generation = 65_536;

/**
 * Remembers at least the last 65 536 requests of spans, every one of them. Where many threads share memory, two requests may
 * share a slot and one is forgotten; a log is read on one thread, and what it promises of duplicates shall not be a matter of luck.
 */
export class RecentRecords extends RecentRequests {
  private now = new Set<bigint>();
  private before = new Set<bigint>();

  constructor() {
    super(new SharedArrayBuffer(8));
  }

  override meet(fingerprint: bigint): boolean {
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
