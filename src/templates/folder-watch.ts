import { type FSWatcher, watch } from 'node:fs';

const settleMs = 150;
const pollMs = 3000;

/**
 * Calls `onChange` soon after something in the folder changed, and every few seconds anyway: not every file system
 * tells. Never twice at the same time. A folder that is not there is watched for by the second way.
 */
export class FolderWatch {
  private watcher: FSWatcher | null = null;
  private poll: NodeJS.Timeout | null = null;
  private settle: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly directory: string,
    private readonly onChange: () => Promise<void>,
  ) {}

  start(): void {
    if (this.poll !== null) return;
    this.poll = setInterval(() => this.tick(), pollMs);
    this.poll.unref();
    this.openWatcher();
  }

  /** Ends when a change that is being read has been read. */
  async stop(): Promise<void> {
    if (this.poll !== null) clearInterval(this.poll);
    if (this.settle !== null) clearTimeout(this.settle);
    this.poll = null;
    this.settle = null;
    this.closeWatcher();
    await this.working;
  }

  private tick(): void {
    if (this.watcher === null) this.openWatcher();
    this.run();
  }

  private openWatcher(): void {
    try {
      this.watcher = watch(this.directory, { persistent: false }, () => this.changed());
      this.watcher.on('error', () => this.closeWatcher());
    } catch {
      this.watcher = null; // polling goes on, and tries again
    }
  }

  private closeWatcher(): void {
    this.watcher?.close();
    this.watcher = null;
  }

  /** Waits until a burst of events is over: editors write, rename and touch in one go. */
  private changed(): void {
    if (this.settle !== null || this.poll === null) return;
    this.settle = setTimeout(() => {
      this.settle = null;
      this.run();
    }, settleMs);
    this.settle.unref();
  }

  private run(): void {
    this.working = this.working.then(this.onChange, this.onChange);
  }
}
