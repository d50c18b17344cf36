import type { CellName } from './cell-sum.js';
import type { MetricStreams } from './metric-streams.js';
import type { PointObservation, PointValue } from './observation-batch.js';
import { cellKey, type OpenWindow } from './open-window.js';
import { unknownService } from './series-registry.js';
import { rowsOf, type Series, type WindowPart } from './window-part.js';

interface NamedSeries {
  readonly service: string;
  readonly name: CellName;
  readonly key: string;
}

/** The window of a service at a moment; null: it is closed. */
export type Place = (service: string, ms: number) => OpenWindow | null;

/** Adds the parts of all threads to the open windows. Streams of points are followed here, whichever thread a point came by. */
export class PartMerger {
  private readonly seriesOf = new Map<number, NamedSeries[]>();

  constructor(private readonly streams: MetricStreams) {}

  /** @returns observations that came too late for their window */
  merge(part: WindowPart, thread: number, now: number, place: Place): number {
    return this.mergeRows(part, thread, place) + this.mergePoints(part, now, place);
  }

  private mergeRows(part: WindowPart, thread: number, place: Place): number {
    const known = part.firstSeries === 0 ? [] : (this.seriesOf.get(thread) ?? []);
    known.push(...part.series.map(named));
    this.seriesOf.set(thread, known);
    let late = 0;
    for (const row of rowsOf(part.rows)) {
      const { service, name, key } = known[row.series] as NamedSeries;
      const window = place(service, row.from);
      if (window) window.cell(key, name, row.count).addRow(row);
      else if (name.signal === 'span') late += row.count;
    }
    for (const { service, from, count } of part.overflow) {
      const window = place(service, from);
      if (window) window.overflow += count;
    }
    return late;
  }

  private mergePoints({ points, labels }: WindowPart, now: number, place: Place): number {
    let late = 0;
    for (const point of points) {
      const value = this.streams.increaseOf(point, now);
      if (value === null) continue;
      const attributes = attributesOf(labels, point);
      const window = place(attributes['service.name'] ?? unknownService, point.atMs);
      if (window === null) late += 1;
      else if (value === 'full') window.overflow += 1;
      else addPoint(window, { signal: value.kind, instrument: point.instrument, attributes }, value, point);
    }
    return late;
  }
}

function addPoint(window: OpenWindow, name: CellName, value: PointValue, { atMs }: PointObservation): void {
  const form = value.kind === 'histogram' ? value.histogram.kind : '';
  window.cell(cellKey(name, form), name, 1).addValue(value, atMs);
}

function named({ service, attributes, instrument }: Series): NamedSeries {
  const name: CellName = { signal: instrument === null ? 'span' : 'histogram', instrument, attributes };
  return { service, name, key: cellKey(name) };
}

const attributesOf = (labels: readonly string[], point: PointObservation): Record<string, string> =>
  Object.fromEntries(labels.flatMap((label, index) => (point.labels[index] ? [[label, point.labels[index]]] : [])));
