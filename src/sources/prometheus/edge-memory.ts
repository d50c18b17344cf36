import type { Labels } from './answer.js';
import type { Value } from './series-table.js';

interface Held {
  readonly labels: Labels;
  readonly value: Value;
}

/** What a query said at one edge. */
export interface Snapshot {
  /** by identity of the labels */
  readonly present: ReadonlyMap<string, Held>;
  /** series that were there before and are gone: where they stood last */
  readonly earlier: ReadonlyMap<string, Held>;
  readonly notes: readonly string[];
}

/** The snapshot that follows: it also remembers series that went missing, so that they do not count twice when they return. */
export function following(before: Snapshot, after: Snapshot, mostSeries: number): Snapshot {
  const gone = [...before.earlier, ...before.present].filter(([identity]) => !after.present.has(identity));
  return { ...after, earlier: new Map(gone.slice(-mostSeries)) };
}

/**
 * Remembers what queries said at the edges of the newest windows, so that a look asks only for the edge that is new, and every
 * event is in exactly one window. Shared by all runs; the oldest unused is forgotten first.
 */
export class EdgeMemory {
  private readonly snapshots = new Map<string, Snapshot>();
  private series = 0;

  constructor(private readonly mostSeries = 100_000) {}

  recall(query: string, edge: number): Snapshot | null {
    const key = `${edge} ${query}`;
    const snapshot = this.snapshots.get(key);
    if (!snapshot) return null;
    this.snapshots.delete(key);
    this.snapshots.set(key, snapshot);
    return snapshot;
  }

  remember(query: string, edge: number, snapshot: Snapshot): void {
    const key = `${edge} ${query}`;
    this.forget(key);
    this.snapshots.set(key, snapshot);
    this.series += weight(snapshot);
    for (const oldest of this.snapshots.keys()) {
      if (this.series <= this.mostSeries) break;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    const snapshot = this.snapshots.get(key);
    if (!snapshot) return;
    this.snapshots.delete(key);
    this.series -= weight(snapshot);
  }
}

/** An empty snapshot is not free. */
const weight = ({ present, earlier }: Snapshot): number => 1 + present.size + earlier.size;
