import { type Answer, partial } from './answer.js';
import { columnOf, identityOf, type SeriesTable, type TableSeries, type Value } from './series-table.js';

/** The past at the edges of many windows, filled in chunk by chunk. */
export class PastTable implements SeriesTable {
  readonly problems: (string | null)[];
  readonly notes: (readonly string[])[];
  private readonly byIdentity = new Map<string, TableSeries>();
  private readonly position: ReadonlyMap<number, number>;

  constructor(readonly edges: readonly number[]) {
    this.problems = edges.map(() => null);
    this.notes = edges.map(() => []);
    this.position = new Map(edges.map((at, edge) => [at, edge]));
  }

  get series(): readonly TableSeries[] {
    return [...this.byIdentity.values()];
  }

  /** Takes in the answer for the edges `start` to `end`. What cannot be relied on spoils all of them. */
  add(answer: Answer, start: number, end: number): void {
    this.notes.fill(answer.infos, start, end + 1);
    for (const { labels, points } of answer.series) {
      const identity = identityOf(labels);
      const row = this.byIdentity.get(identity) ?? { labels, values: new Array<Value | null>(this.edges.length + 1).fill(null) };
      this.byIdentity.set(identity, row);
      for (const [at, value] of points) {
        const edge = this.position.get(at);
        if (edge === undefined) this.spoil('Prometheus answered for other moments than asked; is a cache aligning queries?', start, end);
        else row.values[columnOf(edge)] = value;
      }
    }
    if (answer.warnings.length > 0) this.spoil(partial(answer), start, end);
  }

  spoil(problem: string, start: number, end: number): void {
    this.problems.fill(problem, start, end + 1);
  }
}
