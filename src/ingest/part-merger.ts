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

/** The window of a service at a moment; null: it is closed, and so many observations are late. */
export type Place = (service: string, ms: number, observations: number) => OpenWindow | null;

/** Adds the parts of all threads to the open windows. Streams of points are followed here, whichever thread a point came by. */
export class PartMerger {
  private readonly seriesOf = new Map<number, NamedSeries[]>();

  constructor(private readonly streams: MetricStreams) {}

  merge(part: WindowPart, thread: number, now: number, place: Place): void {
    this.mergeRows(part, thread, place);
    this.mergePoints(part, now, place);
  }

  private mergeRows(part: WindowPart, thread: number, place: Place): void {
    const known = part.firstSeries === 0 ? [] : (this.seriesOf.get(thread) ?? []);
    known.push(...part.series.map(named));
    this.seriesOf.set(thread, known);
    for (const row of rowsOf(part.rows)) {
      const { service, name, key } = known[row.series] as NamedSeries;
      const spans = name.signal === 'span' ? row.count : 0;
      place(service, row.from, spans)?.cell(key, name, spans).addRow(row);
    }
    for (const { service, from, count } of part.overflow) {
      const window = place(service, from, 0);
      if (window) window.overflow += count;
    }
  }

  private mergePoints({ points, labels }: WindowPart, now: number, place: Place): void {
    for (const point of points) {
      const value = this.streams.increaseOf(point, now);
      if (value === null) continue;
      const attributes = attributesOf(labels, point);
      const window = place(attributes['service.name'] ?? unknownService, point.atMs, 1);
      if (window === null) continue;
      if (value === 'full') window.overflow += 1;
      else addPoint(window, { signal: value.kind, instrument: point.instrument, attributes }, value, point);
    }
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
