import type { TimeSlice } from '../domain/index.js';
import type { OpenWindow } from './open-window.js';

/** An open window, and when its data came. */
export interface Collected {
  readonly window: OpenWindow;
  /** its end was still to come, or not long past, when its first data came */
  readonly live: boolean;
  readonly firstPartAt: number;
  lastPartAt: number;
}

interface Slice extends TimeSlice {
  readonly byService: Map<string, Collected>;
}

/** The windows of all services that are open, found by service and start without making a text of them. */
export class OpenWindows {
  /** windows never overlap: the start tells them apart */
  private readonly byStart = new Map<number, Slice>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The distinct stretches of time that are open. */
  slices(): TimeSlice[] {
    return [...this.byStart.values()].map(({ from, to }) => ({ from, to }));
  }

  find(service: string, from: number): Collected | undefined {
    return this.byStart.get(from)?.byService.get(service);
  }

  add(collected: Collected): void {
    const { service, from, to } = collected.window;
    const slice = this.byStart.get(from) ?? { from, to, byService: new Map() };
    this.byStart.set(from, slice);
    slice.byService.set(service, collected);
    this.count += 1;
  }

  delete({ service, from }: OpenWindow): void {
    const slice = this.byStart.get(from);
    if (!slice?.byService.delete(service)) return;
    this.count -= 1;
    if (slice.byService.size === 0) this.byStart.delete(from);
  }

  some(test: (collected: Collected) => boolean): boolean {
    for (const { byService } of this.byStart.values()) for (const collected of byService.values()) if (test(collected)) return true;
    return false;
  }

  filter(test: (collected: Collected) => boolean): OpenWindow[] {
    const found: OpenWindow[] = [];
    for (const { byService } of this.byStart.values()) {
      for (const collected of byService.values()) if (test(collected)) found.push(collected.window);
    }
    return found;
  }
}
