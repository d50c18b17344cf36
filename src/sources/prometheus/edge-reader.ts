import { SourceQueryError, SourceUnavailableError } from '../../domain/index.js';
import { partial } from './answer.js';
import { EdgeMemory, following, type Snapshot } from './edge-memory.js';
import { PastTable } from './past-table.js';
import { maxSeries, type PrometheusClient } from './prometheus-client.js';
import { columnOf, identityOf, type SeriesTable, type TableSeries, type Value } from './series-table.js';
import { AnswerTooLargeError } from './wire-failure.js';

/** Prometheus refuses more points of a series in one answer. */
const maxPoints = 11_000;

interface Trouble {
  readonly problem: string;
}

/** Reads a query at the edges of windows: one by one where the newest window is asked for, by range where it is the past. */
export class EdgeReader {
  private readonly memory = new EdgeMemory();

  constructor(private readonly client: PrometheusClient) {}

  /** @param edges  ascending, equally spaced milliseconds; trouble with the source is noted at the edges it spoils, never thrown */
  read(query: string, edges: readonly number[], signal: AbortSignal): Promise<SeriesTable> {
    return edges.length <= 2 ? this.readNewest(query, edges, signal) : this.readPast(query, edges, signal);
  }

  private async readNewest(query: string, edges: readonly number[], signal: AbortSignal): Promise<SeriesTable> {
    const snapshots = await Promise.all(edges.map((edge) => this.snapshot(query, edge, signal)));
    const [before, after] = snapshots;
    const newest = edges[1];
    if (before && after && newest !== undefined && !('problem' in before) && !('problem' in after) && after.earlier.size === 0) {
      this.memory.remember(query, newest, following(before, after, maxSeries));
    }
    return tabulate(edges, snapshots);
  }

  private async snapshot(query: string, edge: number, signal: AbortSignal): Promise<Snapshot | Trouble> {
    const known = this.memory.recall(query, edge);
    if (known) return known;
    try {
      const answer = await this.client.instant(query, edge, signal);
      if (answer.warnings.length > 0) return { problem: partial(answer) };
      const present = answer.series.flatMap(({ labels, points: [point] }) =>
        point ? [[identityOf(labels), { labels, value: point[1] }] as const] : [],
      );
      const snapshot = { present: new Map(present), earlier: new Map(), notes: answer.infos };
      this.memory.remember(query, edge, snapshot);
      return snapshot;
    } catch (error) {
      return { problem: sourceTrouble(error) };
    }
  }

  private async readPast(query: string, edges: readonly number[], signal: AbortSignal): Promise<SeriesTable> {
    const table = new PastTable(edges);
    const stepMs = (edges[1] ?? 0) - (edges[0] ?? 0);
    let most = Math.min(maxPoints, edges.length);
    for (let start = 0; start < edges.length; ) {
      const end = Math.min(start + most, edges.length) - 1;
      try {
        const answer = await this.client.range(query, { from: edges[start] ?? 0, to: edges[end] ?? 0, stepMs }, signal);
        table.add(answer, start, end);
      } catch (error) {
        if (error instanceof AnswerTooLargeError && end > start) {
          most = Math.ceil((end - start + 1) / 2);
          continue;
        }
        table.spoil(sourceTrouble(error), start, end);
      }
      start = end + 1;
    }
    return table;
  }
}

/** What the evidence says of a source in trouble. Anything else that was thrown is a bug and goes on. */
function sourceTrouble(error: unknown): string {
  if (error instanceof SourceUnavailableError || error instanceof SourceQueryError) return error.message;
  throw error;
}

function tabulate(edges: readonly number[], snapshots: readonly (Snapshot | Trouble)[]): SeriesTable {
  const series = new Map<string, TableSeries>();
  const put = (held: Snapshot['present'], column: number): void => {
    for (const [identity, { labels, value }] of held) {
      const known = series.get(identity) ?? { labels, values: new Array<Value | null>(edges.length + 1).fill(null) };
      known.values[column] = value;
      series.set(identity, known);
    }
  };
  const [first] = snapshots;
  if (first && !('problem' in first)) put(first.earlier, 0);
  for (const [edge, snapshot] of snapshots.entries()) if (!('problem' in snapshot)) put(snapshot.present, columnOf(edge));
  return {
    edges,
    series: [...series.values()],
    problems: snapshots.map((snapshot) => ('problem' in snapshot ? snapshot.problem : null)),
    notes: snapshots.map((snapshot) => ('problem' in snapshot ? [] : snapshot.notes)),
  };
}
