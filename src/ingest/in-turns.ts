/** A piece of work that can be put off between its steps; a step is at most a millisecond or two. */
export type Steps = Iterator<unknown, void>;

/** One turn of the event loop is used for so long; then sockets and timers get theirs. */
const turnMs = 4;

/**
 * Does one job after the other, in the order in which they came, and never keeps the event loop for longer than a few
 * milliseconds. What is small is done at once.
 */
export class InTurns {
  private readonly jobs: Steps[] = [];
  private isWorking = false;
  /** of this turn of the event loop; 0: nothing was done in it yet */
  private endOfTurn = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param onBug  a job that throws is given up */
  constructor(private readonly onBug: (error: unknown) => void) {}

  add(job: Steps): void {
    this.jobs.push(job);
    this.work();
  }

  /** When nothing is left to do. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.work();
    });
  }

  private work(): void {
    if (this.isWorking) return; // a job adds another: it comes later
    this.isWorking = true;
    while (this.jobs.length > 0 && this.hasTime()) this.step(this.jobs[0] as Steps);
    this.isWorking = false;
    if (this.jobs.length === 0) for (const tell of this.waiting.splice(0)) tell();
  }

  private step(job: Steps): void {
    try {
      if (!job.next().done) return;
    } catch (error) {
      this.onBug(error);
    }
    this.jobs.shift();
  }

  private hasTime(): boolean {
    const now = performance.now();
    if (this.endOfTurn > 0) return now < this.endOfTurn;
    this.endOfTurn = now + turnMs;
    setImmediate(() => {
      this.endOfTurn = 0;
      this.work();
    });
    return true;
  }
}
