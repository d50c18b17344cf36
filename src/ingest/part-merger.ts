import type { CellName } from './cell-sum.js';
import type { LogCounts } from './log-tally.js';
import type { MetricStreams } from './metric-streams.js';
import type { PointObservation, PointValue } from './observation-batch.js';
import { cellKey, type OpenWindow } from './open-window.js';
import { unknownService } from './overflow-series.js';
import { exemplarWidth } from './trace-exemplars.js';
import { exemplarHeader, rowField, rowHeader, type Series, type WindowPart } from './window-part.js';

interface NamedSeries {
  readonly service: string;
  readonly name: CellName;
  readonly key: string;
}

/** The window of a service at a moment; null: it is closed, and so many observations are late. */
export type Place = (service: string, ms: number, observations: number) => OpenWindow | null;

/** Series, rows or points that are merged in one step: a millisecond at most. */
const atOnce = 250;

/** Adds the parts of all threads to the open windows. Streams of points are followed here, whichever thread a point came by. */
export class PartMerger {
  private readonly seriesOf = new Map<number, NamedSeries[]>();

  constructor(private readonly streams: MetricStreams) {}

  /** In steps that others may be served between; the parts of one thread must be merged one after the other. */
  *merge(part: WindowPart, thread: number, now: number, place: Place): Generator<void, void> {
    yield* this.learn(part, thread);
    yield* this.mergeRows(part.rows, this.seriesOf.get(thread) ?? [], place);
    yield* this.mergeExemplars(part.exemplars, this.seriesOf.get(thread) ?? [], place);
    for (const { service, from, count } of part.overflow) {
      const window = place(service, from, 0);
      if (window) window.overflow += count;
    }
    if (part.logs !== null) yield* this.mergeLogs(part.logs, place);
    yield* this.mergePoints(part, now, place);
  }

  private *learn({ firstSeries, series }: WindowPart, thread: number): Generator<void, void> {
    const known = firstSeries === 0 ? [] : (this.seriesOf.get(thread) ?? []);
    this.seriesOf.set(thread, known);
    for (const [index, one] of series.entries()) {
      known.push(named(one));
      if (index % atOnce === atOnce - 1) yield;
    }
  }

  private *mergeRows(rows: Float64Array, known: readonly NamedSeries[], place: Place): Generator<void, void> {
    for (let at = 0, merged = 1; at < rows.length; at += rowHeader + (rows[at + rowField.length] as number), merged += 1) {
      const { service, name, key } = known[rows[at + rowField.series] as number] as NamedSeries;
      const spans = name.signal === 'span' ? (rows[at + rowField.count] as number) : 0;
      place(service, rows[at + rowField.from] as number, spans)
        ?.cell(key, name, spans)
        .addRow(rows, at);
      if (merged % atOnce === 0) yield;
    }
  }

  /** Of cells that rows of the same part have opened. */
  private *mergeExemplars(exemplars: Float64Array, known: readonly NamedSeries[], place: Place): Generator<void, void> {
    for (let at = 0, merged = 1; at < exemplars.length; at += exemplarHeader + exemplarWidth, merged += 1) {
      const { service, name, key } = known[exemplars[at] as number] as NamedSeries;
      place(service, exemplars[at + 1] as number, 0)
        ?.cell(key, name, 0)
        .addExemplar(exemplars[at + 2] as number, exemplars, at + exemplarHeader);
      if (merged % atOnce === 0) yield;
    }
  }

  private *mergeLogs({ series, rows, overflow }: LogCounts, place: Place): Generator<void, void> {
    const known = series.map(({ service, attributes }) => {
      const name: CellName = { signal: 'log', instrument: null, attributes };
      return { service, name, key: cellKey(name) };
    });
    for (let at = 0; at < rows.length; at += 4) {
      const { service, name, key } = known[rows[at] as number] as NamedSeries;
      const count = rows[at + 3] as number;
      place(service, rows[at + 1] as number, count)
        ?.cell(key, name, count)
        .addCount(count);
      if (at % (4 * atOnce) === 0) yield;
    }
    for (const { service, from, count } of overflow) {
      const window = place(service, from, 0);
      if (window) window.overflow += count;
    }
  }

  private *mergePoints({ points, labels }: WindowPart, now: number, place: Place): Generator<void, void> {
    for (const [index, point] of points.entries()) {
      this.mergePoint(point, labels, now, place);
      if (index % atOnce === atOnce - 1) yield;
    }
  }

  private mergePoint(point: PointObservation, labels: readonly string[], now: number, place: Place): void {
    const service = point.labels[labels.indexOf('service.name')] || unknownService;
    const value = this.streams.increaseOf(point, now, service);
    if (value === null) return;
    const attributes = attributesOf(labels, point);
    const window = place(service, point.atMs, 1);
    if (window === null) return;
    if (value === 'full') window.unfollowed += 1;
    else addPoint(window, { signal: value.kind, instrument: point.instrument, attributes }, value, point);
  }
}

function addPoint(window: OpenWindow, name: CellName, value: PointValue, { atMs }: PointObservation): void {
  const form = value.kind === 'histogram' ? value.histogram.kind : '';
  window.cell(cellKey(name, form), name, 1, form).addValue(value, atMs);
}

function named({ service, attributes, instrument }: Series): NamedSeries {
  const name: CellName = { signal: instrument === null ? 'span' : 'histogram', instrument, attributes };
  return { service, name, key: cellKey(name) };
}

const attributesOf = (labels: readonly string[], point: PointObservation): Record<string, string> =>
  Object.fromEntries(labels.flatMap((label, index) => (point.labels[index] ? [[label, point.labels[index]]] : [])));
