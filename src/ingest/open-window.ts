import type { Attributes, Cell, ClosedWindow, TimeSlice } from '../domain/index.js';
import { type CellName, CellSum } from './cell-sum.js';
import { overflowAttribute, overflowSeriesOf } from './series-registry.js';

/** How many cells there may be: in one window over all services, and in all open windows together. */
export class CellBudget {
  private readonly used = new Map<number, number>();
  private total = 0;

  constructor(
    private readonly perWindow: number,
    private readonly overall = 5 * perWindow,
  ) {}

  /** @returns false: there is no room */
  take(from: number): boolean {
    const used = this.used.get(from) ?? 0;
    if (used >= this.perWindow || this.total >= this.overall) return false;
    this.used.set(from, used + 1);
    this.total += 1;
    return true;
  }

  giveBack(from: number, cells: number): void {
    const left = (this.used.get(from) ?? 0) - cells;
    this.total -= cells;
    if (left > 0) this.used.set(from, left);
    else this.used.delete(from);
  }
}

/** A window of one service that still takes observations. */
export class OpenWindow implements TimeSlice {
  readonly from: number;
  readonly to: number;
  overflow = 0;
  private readonly cells = new Map<string, CellSum>();
  private budgeted = 0;

  constructor(
    readonly service: string,
    { from, to }: TimeSlice,
    private readonly budget: CellBudget,
  ) {
    this.from = from;
    this.to = to;
  }

  /**
   * @param key  of `name`, by {@link cellKey}
   * @param observations  that are to be added: they count as overflow when there is no room for a cell of their own
   */
  cell(key: string, name: CellName, observations: number): CellSum {
    const known = this.cells.get(key);
    if (known) return known;
    if (overflowAttribute in name.attributes) return this.newCell(key, name); // counted as overflow where it was recorded
    if (this.budget.take(this.from)) {
      this.budgeted += 1;
      return this.newCell(key, name);
    }
    this.overflow += observations;
    const shared = { ...name, attributes: overflowSeriesOf(this.service).attributes };
    const sharedKey = cellKey(shared);
    return this.cells.get(sharedKey) ?? this.newCell(sharedKey, shared);
  }

  private newCell(key: string, name: CellName): CellSum {
    const cell = new CellSum(name);
    this.cells.set(key, cell);
    return cell;
  }

  /** Ends it. Cells are in the order of their keys, so that the order of arrival leaves no trace. */
  close(late: number): ClosedWindow {
    this.budget.giveBack(this.from, this.budgeted);
    const { service, from, to, overflow } = this;
    const ordered = [...this.cells].sort(([a], [b]) => (a < b ? -1 : 1));
    const cells: Cell[] = ordered.map(([, cell]) => cell.toCell());
    return { service, from, to, cells, flags: { late, overflow } };
  }
}

/** The same text for the same name, in whatever order the attributes came. `form` keeps unlike histograms apart. */
export function cellKey({ signal, instrument, attributes }: CellName, form = ''): string {
  return JSON.stringify([signal, instrument, form, inOrder(attributes)]);
}

const inOrder = (attributes: Attributes): (readonly [string, string])[] =>
  Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** The order in which windows are stored and read: by their start, then by service. */
export function byTimeAndService(a: OpenWindow, b: OpenWindow): number {
  return a.from - b.from || (a.service < b.service ? -1 : a.service > b.service ? 1 : 0);
}
