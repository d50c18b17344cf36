import type { LineCount } from './http1/index.js';

const block = 1024;
/** of threads: each counts its own, so that what a thread had counted can be forgotten when it dies */
const slots = 64;
const [inFlight, lines, state, holdUntil] = [0, slots, 2 * slots, 2 * slots + 1];
const states = ['open', 'overloaded', 'stopping'] as const;

export type GateState = (typeof states)[number];

/** What all receiving threads must agree on without asking each other: bytes in memory, lines, and whether more may come. */
export class ReceivingGate {
  static readonly bytes = 4 * (2 * slots + 2);
  private readonly words: Int32Array;
  private readonly mostBlocks: number;
  private readonly slot: number;

  /** @param thread  its number, for those that count */
  constructor(maxBytesInFlight: number, memory: SharedArrayBuffer, thread = 0) {
    this.slot = thread % slots;
    this.words = new Int32Array(memory);
    this.mostBlocks = Math.ceil(maxBytesInFlight / block);
  }

  get state(): GateState {
    const now = states[Atomics.load(this.words, state)] ?? 'open';
    return now === 'open' && Atomics.load(this.words, holdUntil) > secondsNow() ? 'overloaded' : now;
  }

  set state(next: GateState) {
    Atomics.store(this.words, state, states.indexOf(next));
  }

  /** Nothing is received for two seconds, unless this is said again; who says it may die meanwhile. */
  holdBack(): void {
    Atomics.store(this.words, holdUntil, secondsNow() + 2);
  }

  /** Bytes held for one request, until {@link Reservation.release}. */
  reservation(): Reservation {
    return new Reservation((blocks) => {
      Atomics.add(this.words, inFlight + this.slot, blocks);
      return blocks <= 0 || this.total(inFlight) <= this.mostBlocks;
    });
  }

  /** @param most  lines of all threads together */
  lineCount(most: number): LineCount {
    return {
      enter: () => {
        Atomics.add(this.words, lines + this.slot, 1);
        if (this.total(lines) <= most) return true;
        Atomics.sub(this.words, lines + this.slot, 1);
        return false;
      },
      leave: () => void Atomics.sub(this.words, lines + this.slot, 1),
    };
  }

  /** The thread is dead: it holds no bytes and no lines any more. */
  forgetThread(): void {
    Atomics.store(this.words, inFlight + this.slot, 0);
    Atomics.store(this.words, lines + this.slot, 0);
  }

  private total(first: number): number {
    let sum = 0;
    for (let slot = 0; slot < slots; slot += 1) sum += Atomics.load(this.words, first + slot);
    return sum;
  }
}

/** Since a moment that leaves room in a word. */
const secondsNow = (): number => Math.floor(Date.now() / 1_000) - 1_700_000_000;

/** Counted in blocks of 1 KiB. */
export class Reservation {
  private bytes = 0;
  private blocks = 0;

  constructor(private readonly change: (blocks: number) => boolean) {}

  /** @returns false: that is more than all requests together may hold; it is counted until the release all the same */
  add(bytes: number): boolean {
    this.bytes += bytes;
    const more = Math.ceil(this.bytes / block) - this.blocks;
    this.blocks += more;
    return more === 0 || this.change(more);
  }

  release(): void {
    this.change(-this.blocks);
    this.blocks = 0;
    this.bytes = 0;
  }
}
