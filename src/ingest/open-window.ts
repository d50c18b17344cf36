import type { Attributes, Cell, ClosedWindow, TimeSlice } from '../domain/index.js';
import { type CellName, CellSum } from './cell-sum.js';
import {
  type CohortCap,
  cohortOverflow,
  mostCohortsOfService,
  overflowAttribute,
  overflowSeriesOf,
  unknownService,
  usualCohortCap,
} from './overflow-series.js';

/** Overflow cells of one window: 51 cohorts with spans of 15 kinds, and some hundred metrics. */
const mostOverflowCells = 2_000;

/** Series of a window of which it is remembered that there was no room: in a flood each comes again and again, and finding its cell costs ten times as much. */
const mostTurnedAway = 20_000;

/** How many cells there may be: of one cohort, in one window over all services, and in all open windows together. */
export class CellBudget {
  private readonly used = new Map<number, number>();
  private total = 0;

  /** @param cohorts  may change with the plan: a window that is opened later goes by it */
  constructor(
    private readonly perWindow: number,
    private readonly overall = 5 * perWindow,
    public cohorts: CohortCap = usualCohortCap,
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
  /** points of streams for which there was no room: they are in no cell */
  unfollowed = 0;
  private readonly cells = new Map<string, CellSum>();
  private budgeted = 0;
  private readonly cohortCap: CohortCap;
  /** cells by signal, instrument and cohort */
  private readonly used = new Map<string, number>();
  private readonly cohorts = new Set<string>();
  private overflowCells = 0;
  private readonly turnedAway = new Map<string, CellSum>();

  constructor(
    readonly service: string,
    { from, to }: TimeSlice,
    private readonly budget: CellBudget,
  ) {
    this.from = from;
    this.to = to;
    this.cohortCap = budget.cohorts;
  }

  /**
   * @param key  of `name`, by {@link cellKey}
   * @param observations  that are to be added: they count as overflow when there is no room for a cell of their own
   * @param form  keeps unlike histograms apart
   */
  cell(key: string, name: CellName, observations: number, form = ''): CellSum {
    if (!this.isForeign(name)) return this.cellOf(key, name, observations, form);
    if (!(overflowAttribute in name.attributes)) this.overflow += observations;
    return this.cellOf(key, name, 0, form);
  }

  /** Of a service for which there is no room: all of it is overflow, whether it has a cell of its own or not. */
  private isForeign({ attributes }: CellName): boolean {
    return this.service === unknownService && (attributes['service.name'] || unknownService) !== unknownService;
  }

  private cellOf(key: string, name: CellName, observations: number, form: string): CellSum {
    const known = this.cells.get(key);
    if (known) return known;
    const isCounted = overflowAttribute in name.attributes; // as overflow, where it was recorded
    const shared = this.turnedAway.get(key);
    if (shared) {
      if (!isCounted) this.overflow += observations;
      return shared;
    }
    const cohort = this.cohortOf(name);
    if (!isCounted && this.takeRoom(name, cohort)) return this.newCell(key, name);
    if (!isCounted) this.overflow += observations;
    const cell = this.overflowCell(name, cohort, form);
    if (this.turnedAway.size < mostTurnedAway) this.turnedAway.set(key, cell);
    return cell;
  }

  private overflowCell(name: CellName, cohort: string | null, form: string): CellSum {
    const { service } = this;
    const own = { ...name, attributes: cohortOverflow(service, name.attributes, cohort === null ? [] : this.cohortCap.by) };
    const known = this.cells.get(cellKey(own, form));
    if (known) return known;
    const isRoom = this.overflowCells < mostOverflowCells;
    const instrument = name.instrument === null ? null : overflowAttribute;
    const shared = isRoom ? own : { signal: name.signal, instrument, attributes: overflowSeriesOf(service).attributes };
    const key = cellKey(shared, form);
    const cell = this.cells.get(key);
    if (cell) return cell;
    this.overflowCells += 1;
    return this.newCell(key, shared);
  }

  private takeRoom({ signal, instrument }: CellName, cohort: string | null): boolean {
    const quota = JSON.stringify([signal, instrument, cohort]);
    const used = this.used.get(quota) ?? 0;
    if (used >= this.cohortCap.mostSeries || !this.budget.take(this.from)) return false;
    this.used.set(quota, used + 1);
    this.budgeted += 1;
    return true;
  }

  /** Null: there are too many to tell this one apart from the rest. */
  private cohortOf({ attributes }: CellName): string | null {
    const cohort = JSON.stringify(this.cohortCap.by.map((name) => attributes[name] ?? ''));
    if (this.cohorts.has(cohort)) return cohort;
    if (this.cohorts.size >= mostCohortsOfService) return null;
    this.cohorts.add(cohort);
    return cohort;
  }

  private newCell(key: string, name: CellName): CellSum {
    const cell = new CellSum(name);
    this.cells.set(key, cell);
    return cell;
  }

  /** Ends it. Cells are in the order of their keys, so that the order of arrival leaves no trace. */
  close(late: number): ClosedWindow {
    this.budget.giveBack(this.from, this.budgeted);
    const { service, from, to, overflow, unfollowed } = this;
    const ordered = [...this.cells].sort(([a], [b]) => (a < b ? -1 : 1));
    const cells: Cell[] = ordered.map(([, cell]) => cell.toCell());
    return { service, from, to, cells, flags: { late, overflow, ...(unfollowed > 0 ? { unfollowed } : {}) } };
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
