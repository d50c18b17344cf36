import type { TimeSlice } from '../domain/index.js';
import type { ReceivingLife, ReceivingLifeStore, WindowStore } from '../storage/index.js';

/** Finds what of the life before this one is lost, and leaves behind what the next one must know of this one. */
export class OwnLife {
  private life: ReceivingLife | null = null;

  constructor(
    private readonly lives: ReceivingLifeStore,
    private readonly windows: WindowStore,
  ) {}

  /** Marks for good what was received before and is lost. @returns where that was */
  async settle(startedAt: number): Promise<readonly TimeSlice[]> {
    const last = await this.lives.last();
    if (last === null) return [];
    const lost = last.lost ?? lostByKill(last, await this.windows.newestEnd(), startedAt);
    if (lost.length > 0) await this.windows.markLost(lost);
    await this.lives.keep({ ...last, lost }, new Date(startedAt));
    return lost;
  }

  /** From here on something is received: who is killed now loses it. Once; after a failure it may be said again. */
  async begin(openFrom: number, openUntil: number): Promise<void> {
    if (this.life !== null) return;
    const life = { openFrom, openUntil, lost: null };
    this.life = life;
    try {
      await this.lives.keep(life, new Date());
    } catch (error) {
      this.life = null;
      throw error;
    }
  }

  /** Stopped in order: nothing else is lost. */
  async end(lost: readonly TimeSlice[]): Promise<void> {
    if (this.life !== null) await this.lives.keep({ ...this.life, lost: joined(lost) }, new Date());
  }
}

/** Whatever was not stored: since the newest window that is, or since that life began where that says nothing. */
function lostByKill({ openFrom, openUntil }: ReceivingLife, newestEnd: number | null, startedAt: number): TimeSlice[] {
  const from = newestEnd !== null && newestEnd > openUntil ? newestEnd : Math.min(newestEnd ?? openFrom, openFrom);
  return from < startedAt ? [{ from, to: startedAt }] : [];
}

/** The same stretches of time, those that touch as one. */
function joined(slices: readonly TimeSlice[]): TimeSlice[] {
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of [...slices].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}
