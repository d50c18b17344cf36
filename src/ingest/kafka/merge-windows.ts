import type { Cell, ClosedWindow, Exemplar } from '../../domain/index.js';
import { mergeHistograms } from '../../statistics/index.js';
import { cellKey } from '../open-window.js';
import { overflowAttribute, overflowSeriesOf } from '../overflow-series.js';

/**
 * One window of its parts: counts, sums and buckets add up, whatever order the parts were stored in.
 *
 * Sums are floating-point: in another order their last digit may differ. `last` of a gauge is that of the part that was
 * stored last.
 *
 * @param parts      of one service, oldest first
 * @param mostCells  further cells go into the overflow cell of their signal
 */
export function mergeWindows(parts: readonly ClosedWindow[], mostCells: number): ClosedWindow {
  const first = parts[0];
  if (first === undefined) throw new RangeError('a window has at least one part');
  const cells = new Map<string, Cell>();
  let [late, overflow, unfollowed] = [0, 0, 0];
  for (const { cells: more, flags } of parts) {
    late += flags.late;
    overflow += flags.overflow;
    unfollowed += flags.unfollowed ?? 0;
    for (const cell of more) {
      const key = keyOf(cell);
      const known = cells.get(key);
      if (known) cells.set(key, sumOf(known, cell));
      else if (cells.size < mostCells || overflowAttribute in cell.attributes) cells.set(key, cell);
      else {
        overflow += cell.signal === 'span' || cell.signal === 'log' ? cell.count : 1;
        addTo(cells, { ...cell, ...overflowSeriesOf(first.service) });
      }
    }
  }
  const ordered = [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
  return {
    service: first.service,
    from: Math.min(...parts.map(({ from }) => from)),
    to: Math.max(...parts.map(({ to }) => to)),
    cells: ordered,
    flags: { late, overflow, ...(unfollowed > 0 ? { unfollowed } : {}) },
  };
}

const keyOf = (cell: Cell): string => cellKey(cell, cell.signal === 'histogram' ? (cell.histogram?.kind ?? '') : '');

function addTo(cells: Map<string, Cell>, { signal, instrument, attributes, count, sum, sumOfSquares, last, histogram }: Cell): void {
  const cell = { signal, instrument, attributes, count, sum, sumOfSquares, last, histogram };
  const known = cells.get(keyOf(cell));
  cells.set(keyOf(cell), known ? sumOf(known, cell) : cell);
}

function sumOf(a: Cell, b: Cell): Cell {
  const sum = a.sum + b.sum;
  const histogram = a.histogram && b.histogram ? mergeHistograms(a.histogram, b.histogram) : (a.histogram ?? b.histogram);
  const exemplars = exemplarsOf([...(a.exemplars ?? []), ...(b.exemplars ?? [])]);
  return {
    signal: a.signal,
    instrument: a.instrument,
    attributes: a.attributes,
    count: a.signal === 'sum' ? Math.round(sum) : a.count + b.count,
    sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
    last: b.last,
    histogram,
    ...(exemplars.length > 0 ? { exemplars } : {}),
  };
}

/** The slowest and the newest failed one; of two alike the one with the smaller id. */
function exemplarsOf(exemplars: readonly Exemplar[]): Exemplar[] {
  const better = { slowest: (e: Exemplar) => e.seconds, failed: (e: Exemplar) => e.at };
  return (['slowest', 'failed'] as const).flatMap((kind) => {
    const rank = better[kind];
    const [best] = exemplars
      .filter((exemplar) => exemplar.kind === kind)
      .sort((a, b) => rank(b) - rank(a) || (a.traceId < b.traceId ? -1 : 1));
    return best ? [best] : [];
  });
}
