const block = 1024;
const [inFlight, state] = [0, 1];
const states = ['open', 'overloaded', 'stopping'] as const;

export type GateState = (typeof states)[number];

/** What all receiving threads must agree on without asking each other: bytes in memory, and whether more may come. */
export class ReceivingGate {
  static readonly bytes = 8;
  private readonly words: Int32Array;
  private readonly mostBlocks: number;

  constructor(maxBytesInFlight: number, memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.mostBlocks = Math.ceil(maxBytesInFlight / block);
  }

  get state(): GateState {
    return states[Atomics.load(this.words, state)] ?? 'open';
  }

  set state(next: GateState) {
    Atomics.store(this.words, state, states.indexOf(next));
  }

  /** Bytes held for one request, until {@link Reservation.release}. */
  reservation(): Reservation {
    return new Reservation((blocks) => Atomics.add(this.words, inFlight, blocks) + blocks <= this.mostBlocks);
  }
}

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
