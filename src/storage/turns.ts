import { setImmediate } from 'node:timers/promises';

/** Work on this thread goes on for so long before sockets and timers get their turn. */
const turnMs = 4;

/** Lets others in between the pieces of a long work, and waits for nothing where it is short. */
export class Turns {
  private since = performance.now();

  /** To be awaited between any two pieces. */
  async next(): Promise<void> {
    if (performance.now() - this.since < turnMs) return;
    await setImmediate();
    this.since = performance.now();
  }
}
