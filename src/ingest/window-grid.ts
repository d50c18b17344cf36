import type { TimeSlice } from '../domain/index.js';

/**
 * Which window a moment falls into: multiples of the window length since the epoch, around the windows that were open
 * under an earlier plan and keep the length they began with. Windows never overlap.
 */
export class WindowGrid {
  private readonly held: readonly TimeSlice[];
  private last: TimeSlice = { from: 0, to: 0 };

  constructor(
    private readonly windowMs: number,
    held: readonly TimeSlice[] = [],
  ) {
    if (!(windowMs > 0)) throw new RangeError(`a window must be longer than 0 ms, got ${windowMs}`);
    this.held = held.filter(({ from, to }) => to - from !== windowMs || from % windowMs !== 0);
  }

  sliceAt(ms: number): TimeSlice {
    if (!(ms >= this.last.from && ms < this.last.to)) this.last = this.find(ms);
    return this.last;
  }

  private find(ms: number): TimeSlice {
    let from = Math.floor(ms / this.windowMs) * this.windowMs;
    let to = from + this.windowMs;
    for (const held of this.held) {
      if (ms >= held.from && ms < held.to) return held;
      if (held.to <= ms) from = Math.max(from, held.to);
      else to = Math.min(to, held.from);
    }
    return { from, to };
  }
}
