import type { LineCount } from './http1/index.js';

const block = 1024;
const [inFlight, state, lines, holdUntil] = [0, 1, 2, 3];
const states = ['open', 'overloaded', 'stopping'] as const;

export type GateState = (typeof states)[number];

/** What all receiving threads must agree on without asking each other: bytes in memory, lines, and whether more may come. */
export class ReceivingGate {
  static readonly bytes = 16;
  private readonly words: Int32Array;
  private readonly mostBlocks: number;

  constructor(maxBytesInFlight: number, memory: SharedArrayBuffer) {
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
    return new Reservation((blocks) => Atomics.add(this.words, inFlight, blocks) + blocks <= this.mostBlocks);
  }

  /** @param most  lines of all threads together */
  lineCount(most: number): LineCount {
    return {
      enter: () => {
        if (Atomics.add(this.words, lines, 1) < most) return true;
        Atomics.sub(this.words, lines, 1);
        return false;
      },
      leave: () => void Atomics.sub(this.words, lines, 1),
    };
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
