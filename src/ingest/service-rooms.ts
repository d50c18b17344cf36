import { unknownService } from './overflow-series.js';

/** Services that were in no window before and may have open ones at a time: a flood of names brings thousands. */
const mostNewcomers = 1_000;

/** Services of earlier windows that are remembered, those seen last: more than newcomers of some windows. */
const mostSeen = 3_500;

/** Whose windows may be opened, when there are services without end: those that somebody asks for, then those that were there before. */
export class ServiceRooms {
  /** services that templates and runs name */
  named: ReadonlySet<string> = new Set();
  private readonly newcomers = new Set<string>();
  private readonly seen = new Set<string>();

  /** @param mostWindows  that may be open; twice as many with those of named services */
  constructor(private readonly mostWindows: number) {}

  /** @returns false: what it sends belongs to {@link unknownService} */
  take(service: string, openWindows: number): boolean {
    if (service === unknownService) return true;
    if (this.named.has(service)) return openWindows < 2 * this.mostWindows;
    if (openWindows >= this.mostWindows) return false;
    if (this.seen.has(service) || this.newcomers.has(service)) return true;
    if (this.newcomers.size >= mostNewcomers) return false;
    this.newcomers.add(service);
    return true;
  }

  /** A window of it was closed. */
  sawAgain(service: string): void {
    this.newcomers.delete(service);
    this.seen.delete(service);
    this.seen.add(service);
    if (this.seen.size <= mostSeen) return;
    const [oldest] = this.seen;
    if (oldest !== undefined) this.seen.delete(oldest);
  }
}
