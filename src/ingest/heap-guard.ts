import { getHeapStatistics } from 'node:v8';
import type { ReceivingGate } from './receiving-gate.js';

const [tooFull, roomAgain] = [0.8, 0.7];
const everyMs = 500;

/** Holds all receiving threads back while the calling thread has used most of its heap: a thread that runs out of it dies, with all it holds. */
export class HeapGuard {
  private timer: NodeJS.Timeout | undefined;
  private tight = false;

  /** @param share  of the heap that is in use, 0 to 1 */
  constructor(
    private readonly gate: Pick<ReceivingGate, 'holdBack'>,
    private readonly share: () => number = heapInUse,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.check(), everyMs).unref();
  }

  check(): void {
    const share = this.share();
    this.tight = share > (this.tight ? roomAgain : tooFull);
    if (this.tight) this.gate.holdBack();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function heapInUse(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}
