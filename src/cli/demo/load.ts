/** Requests sent and those that got no answer at all; a 503 is an answer. */
export interface LoadCount {
  readonly sent: number;
  readonly unanswered: number;
}

export interface Target {
  readonly url: string;
  readonly requestsPerSecond: number;
}

/** Time until the next arrival of a Poisson process, milliseconds. */
export function nextGapMs(requestsPerSecond: number, random: () => number): number {
  return (-Math.log(1 - random()) / requestsPerSecond) * 1000;
}

/**
 * Open-loop load: requests arrive when users come, whether or not earlier ones were answered, so that a slow release
 * cannot slow its own load down. A machine that stalls sends what is overdue at once instead of forgetting it.
 */
export class OpenLoopLoad {
  private arrivals: { readonly target: Target; dueMs: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly send: (target: Target) => void,
    private readonly random: () => number,
    private readonly clock: () => number,
  ) {}

  /** From now on exactly these targets get requests. */
  aim(targets: readonly Target[]): void {
    const now = this.clock();
    const busy = targets.filter((target) => target.requestsPerSecond > 0);
    this.arrivals = busy.map((target) => ({ target, dueMs: now + nextGapMs(target.requestsPerSecond, this.random) }));
    this.catchUp();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.arrivals = [];
  }

  /** Sends everything that is due by now. */
  catchUp(): void {
    clearTimeout(this.timer);
    const now = this.clock();
    for (const arrival of this.arrivals) {
      while (arrival.dueMs <= now) {
        this.send(arrival.target);
        arrival.dueMs += nextGapMs(arrival.target.requestsPerSecond, this.random);
      }
    }
    if (this.arrivals.length === 0) return;
    const next = Math.min(...this.arrivals.map(({ dueMs }) => dueMs));
    this.timer = setTimeout(() => this.catchUp(), Math.max(1, next - now));
  }
}
