import type { Cell, ClosedWindow } from '../../src/domain/index.js';

/** What one version of a service did in one window. */
export interface VersionTraffic {
  readonly requests: number;
  readonly errors: number;
  /** seconds; the requests' durations lie around it */
  readonly median?: number;
  readonly more?: readonly Cell[];
}

const shape = [1, 3, 8, 18, 40, 18, 8, 3, 1];

/** Server spans of one version as ingest would have closed them, errors apart. */
export function spanCells(version: string, { requests, errors, median = 0.1, more = [] }: VersionTraffic): Cell[] {
  const cell = (status: string, count: number): Cell => ({
    signal: 'span',
    instrument: null,
    attributes: { 'service.name': 'shop', 'service.version': version, kind: 'server', status },
    count,
    sum: count * median,
    sumOfSquares: count * median ** 2,
    last: median,
    histogram: {
      kind: 'exponential',
      scale: 3,
      zeroCount: 0,
      offset: Math.round(Math.log2(median) * 8) - 5,
      counts: shape.map((part) => Math.round((part * count) / 100)),
    },
  });
  return [cell('unset', requests - errors), cell('error', errors), ...more].filter(({ count }) => count > 0);
}

/** One closed window of the service `shop`. */
export const closedWindow = (from: number, seconds: number, versions: Readonly<Record<string, VersionTraffic>>): ClosedWindow => ({
  service: 'shop',
  from,
  to: from + seconds * 1000,
  cells: Object.entries(versions).flatMap(([version, traffic]) => spanCells(version, traffic)),
  flags: { late: 0, overflow: 0 },
});

/** Contiguous windows; what each version does may change from window to window. */
export const closedWindows = (
  from: number,
  seconds: number,
  count: number,
  traffic: (index: number) => Readonly<Record<string, VersionTraffic>>,
): ClosedWindow[] => Array.from({ length: count }, (_, index) => closedWindow(from + index * seconds * 1000, seconds, traffic(index)));
