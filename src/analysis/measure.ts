import {
  type Cell,
  type ClosedWindow,
  type CohortName,
  type Cohorts,
  type Counts,
  type Gap,
  type Measurement,
  type Metric,
  type OfPods,
  type PushedSelection,
  type Sample,
  type Selection,
  selectionsOf,
} from '../domain/index.js';
import { type Histogram, mergeHistograms, tailsOfParts } from '../statistics/index.js';
import { type AttributeTest, attributeTest } from './attribute-test.js';
import { isIncomplete } from './incomplete-windows.js';
import { explosionInWords, isOfAnyMetric, isOverflow, isTooMuchUnknown, mayMatch, saysAll } from './overflowed.js';

/** Which telemetry a run looks at: its sides, and the attribute that names their pods. */
export interface Sides {
  readonly cohorts: Cohorts;
  readonly pod: string | null;
}

/** Reads one metric out of a window of pushed telemetry. Matchers are compiled once; nothing is kept between windows. */
export class PushedMeter {
  private readonly inCohort: Readonly<Record<CohortName, AttributeTest>>;

  constructor(
    private readonly metric: Metric,
    private readonly sides: Sides,
  ) {
    this.inCohort = { baseline: attributeTest(sides.cohorts.baseline), canary: attributeTest(sides.cohorts.canary) };
  }

  /** @param windows  every closed window inside `[from, to)`, of all services */
  measure(windows: readonly ClosedWindow[], windowSeconds: number): Measurement {
    const warnings = qualityOf(windows);
    if (isIncomplete(windows)) {
      const gap = unreadable('Assay was stopped in this window, what it had received is lost');
      return { metric: this.metric.name, baseline: gap, canary: gap, warnings };
    }
    if (this.overlap(windows)) {
      const gap = unreadable('baseline and canary select the same telemetry: their matchers overlap');
      return { metric: this.metric.name, baseline: gap, canary: gap, warnings };
    }
    const read = (cohort: CohortName): Sample | Gap => this.lost(cohort, windows) ?? this.read(cohort, windows, windowSeconds);
    return { metric: this.metric.name, baseline: read('baseline'), canary: read('canary'), warnings };
  }

  private read(cohort: CohortName, windows: readonly ClosedWindow[], windowSeconds: number): Sample | Gap {
    const { metric } = this;
    const select = (selection: Selection): Cell[] => this.cells(selection, cohort, windows);
    switch (metric.kind) {
      case 'proportion': {
        const of = select(metric.of);
        return of.length === 0 ? absent(cohort) : this.proportion(of, select(metric.events));
      }
      case 'percentiles': {
        const of = select(metric.of);
        return of.length === 0 ? absent(cohort) : this.distribution(of, metric.at);
      }
      case 'rate': {
        const events = select(metric.events);
        const per = metric.per === 'second' ? this.seen(cohort, windows) : select(metric.per);
        return per.length === 0 ? absent(cohort) : this.rate(events, per, metric.per === 'second' ? windowSeconds : null);
      }
      case 'mean': {
        const of = select(metric.of);
        return of.length === 0 ? absent(cohort) : moments(of);
      }
      case 'gauge': {
        const sampled = select(metric.of).filter(({ count }) => count > 0);
        return sampled.length === 0 ? absent(cohort) : { kind: 'level', value: levelOf(sampled), ...this.byPod(sampled, levelOf) };
      }
    }
  }

  private proportion(of: readonly Cell[], events: readonly Cell[]): Sample {
    const pods: Record<string, Counts> = {};
    const add = (cell: Cell, total: number, count: number): void => {
      const pod = this.sides.pod === null ? '' : (cell.attributes[this.sides.pod] ?? '');
      const sofar = pods[pod] ?? { total: 0, events: 0 };
      pods[pod] = { total: sofar.total + total, events: sofar.events + count };
    };
    for (const cell of of) add(cell, cell.count, 0);
    for (const cell of events) add(cell, 0, cell.count);
    const total = countOf(of);
    return { kind: 'counts', total, events: Math.min(total, countOf(events)), pods: sorted(pods) };
  }

  /** @param seconds  length of the window, where that is the exposure; null: the cells of `per` are counted */
  private rate(events: readonly Cell[], per: readonly Cell[], seconds: number | null): Sample {
    const exposureOf = (cells: readonly Cell[]): number => seconds ?? countOf(cells);
    const [own, perCells] = [new Set(events), new Set(per)];
    const { pods } = this.byPod([...new Set([...per, ...events])], (cells) => ({
      events: countOf(cells.filter((cell) => own.has(cell))),
      exposure: exposureOf(seconds === null ? cells.filter((cell) => perCells.has(cell)) : cells),
    }));
    return { kind: 'rate', events: countOf(events), exposure: exposureOf(per), ...(pods ? { pods } : {}) };
  }

  private distribution(cells: readonly Cell[], at: readonly number[]): Sample | Gap {
    const histogram = mergedHistogram(cells);
    if (histogram === null) return unreadable('the selected telemetry has no distribution: a histogram or spans are needed');
    if (histogram === 'unlike') return unreadable('explicit and exponential histograms cannot be merged');
    const { pods } = this.byPod(cells, mergedHistogram);
    const parts = Object.entries(pods ?? {}).flatMap(([pod, part]) => (part === null || part === 'unlike' ? [] : [[pod, part] as const]));
    return { kind: 'distribution', histogram, ...(parts.length > 0 ? { pods: tailsOfParts(histogram, new Map(parts), at) } : {}) };
  }

  /** Something of each pod, by name in order; nothing where the template does not say what names a pod, or some cell does not say it. */
  private byPod<T>(cells: readonly Cell[], read: (cells: readonly Cell[]) => T): { readonly pods?: OfPods<T> } {
    const { pod } = this.sides;
    if (pod === null) return {};
    const groups = new Map<string, Cell[]>();
    for (const cell of cells) {
      const name = cell.attributes[pod];
      if (name === undefined) return {};
      const group = groups.get(name);
      if (group) group.push(cell);
      else groups.set(name, [cell]);
    }
    return { pods: Object.fromEntries([...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => [name, read(group)])) };
  }

  /** The cells of one side that a selection names. */
  cells(selection: Selection, cohort: CohortName, windows: readonly ClosedWindow[]): Cell[] {
    if (selection.type !== 'pushed') return [];
    const wanted = attributeTest(selection.matchers);
    const asked = [...selection.matchers, ...this.sides.cohorts[cohort]].map(({ attribute }) => attribute);
    return windows.flatMap(({ cells }) =>
      cells.filter(
        (cell) =>
          isOfInstrument(cell, selection, this.metric) &&
          this.inCohort[cohort](cell.attributes) &&
          wanted(cell.attributes) &&
          saysAll(cell, asked),
      ),
    );
  }

  /** Observations of overflow cells that may be what a selection names: what tells is among the attributes that they lost. */
  unknown(selection: Selection, cohort: CohortName, windows: readonly ClosedWindow[]): number {
    if (selection.type !== 'pushed') return 0;
    const matchers = [...selection.matchers, ...this.sides.cohorts[cohort]];
    const asked = matchers.map(({ attribute }) => attribute);
    const mayBeWanted = mayMatch(matchers);
    const cells = windows.filter(({ flags }) => flags.overflow > 0).flatMap((window) => window.cells.filter(isOverflow));
    return countOf(
      cells.filter((cell) => {
        const mayBeOther = isOfAnyMetric(cell) || !saysAll(cell, asked);
        return mayBeOther && mayBeOfInstrument(cell, selection, this.metric) && mayBeWanted(cell.attributes);
      }),
    );
  }

  /** Null: nearly all that the metric asks for is known. */
  private lost(cohort: CohortName, windows: readonly ClosedWindow[]): Gap | null {
    const { metric } = this;
    const unfollowed = unfollowedIn(windows, metric);
    if (unfollowed > 0) return unreadable(unfollowedInWords(unfollowed));
    if (windows.every(({ flags }) => flags.overflow === 0)) return null;
    for (const selection of selectionsOf(metric)) {
      const unknown = this.unknown(selection, cohort, windows);
      if (unknown === 0) continue;
      const counted = metric.kind === 'proportion' ? metric.of : selection; // a share is of all that is counted
      const total = countOf(this.cells(counted, cohort, windows)) + unknown;
      if (!isTooMuchUnknown(unknown, total)) continue;
      return unreadable(
        `${unknown} observations in the overflow series may be of the ${cohort}, and ${total - unknown} are: ${explosionInWords(windows)}`,
      );
    }
    return null;
  }

  private seen(cohort: CohortName, windows: readonly ClosedWindow[]): Cell[] {
    return windows.flatMap(({ cells }) => cells.filter(({ attributes }) => this.inCohort[cohort](attributes)));
  }

  private overlap(windows: readonly ClosedWindow[]): boolean {
    return selectionsOf(this.metric).some((selection) => {
      const baseline = new Set(this.cells(selection, 'baseline', windows));
      return this.cells(selection, 'canary', windows).some((cell) => baseline.has(cell));
    });
  }
}

function isOfInstrument(cell: Cell, { instrument }: PushedSelection, metric: Metric): boolean {
  if (metric.source === 'logs') return cell.signal === 'log';
  if (instrument !== null) return cell.instrument === instrument;
  const spanValue = spanValueOf(metric);
  return spanValue === null ? cell.signal === 'span' : cell.signal === 'histogram' && cell.instrument === spanValue;
}

/** Numeric span attribute that the metric is about; null: none. */
const spanValueOf = (metric: Metric): string | null =>
  (metric.kind === 'percentiles' || metric.kind === 'mean') && metric.value !== 'duration' ? metric.value : null;

const mayBeOfInstrument = (cell: Cell, selection: PushedSelection, metric: Metric): boolean =>
  isOfInstrument(isOfAnyMetric(cell) ? { ...cell, instrument: selection.instrument ?? spanValueOf(metric) } : cell, selection, metric);

const countOf = (cells: readonly Cell[]): number => cells.reduce((sum, { count }) => sum + count, 0);

const absent = (cohort: CohortName): Gap => ({ kind: 'gap', cause: 'absent', detail: `no ${cohort} telemetry` });

/** There is telemetry, but it cannot answer the question: blocks promote whatever the template says of missing data. */
const unreadable = (detail: string): Gap => ({ kind: 'gap', cause: 'unavailable', detail });

/** Mean of all samples of the window, whatever series they are in. */
const levelOf = (cells: readonly Cell[]): number => cells.reduce((sum, cell) => sum + cell.sum, 0) / countOf(cells);

/** null: there is none; unlike: they are of two forms */
function mergedHistogram(cells: readonly Cell[]): Histogram | null | 'unlike' {
  const [first, ...rest] = cells.flatMap(({ histogram }) => histogram ?? []);
  if (!first) return null;
  return rest.some(({ kind }) => kind !== first.kind) ? 'unlike' : rest.reduce<Histogram>(mergeHistograms, first);
}

function moments(cells: readonly Cell[]): Sample | Gap {
  const count = countOf(cells);
  if (count === 0) return { kind: 'moments', count: 0, mean: 0, variance: 0 };
  const mean = cells.reduce((sum, cell) => sum + cell.sum, 0) / count;
  const squares = cells.reduce((sum, cell) => sum + cell.sumOfSquares, 0);
  const variance = count < 2 ? 0 : Math.max(0, (squares - count * mean * mean) / (count - 1));
  return { kind: 'moments', count, mean, variance };
}

/** Points of metrics that are in no cell: what they would have said is not known, of either cohort. */
function unfollowedIn(windows: readonly ClosedWindow[], metric: Metric): number {
  if (metric.source !== 'metrics') return 0;
  const matchers = selectionsOf(metric).map((selection) => (selection.type === 'pushed' ? mayMatch(selection.matchers) : () => false));
  const mayBeAsked = ({ service }: ClosedWindow): boolean => matchers.some((matches) => matches({ 'service.name': service }));
  return windows.reduce((sum, window) => sum + (window.flags.unfollowed && mayBeAsked(window) ? window.flags.unfollowed : 0), 0);
}

const unfollowedInWords = (points: number): string =>
  `${points} points of metrics are of more streams than can be followed, and were not counted; send fewer attribute values, or raise ASSAY_OTLP_MAX_SERIES`;

/** What the reader should know about the quality of these windows. */
function qualityOf(windows: readonly ClosedWindow[]): string[] {
  const late = windows.reduce((sum, { flags }) => sum + flags.late, 0);
  const overflow = windows.reduce((sum, { flags }) => sum + flags.overflow, 0);
  return [
    ...(late > 0 ? [`${late} observations came after their window had closed and were not counted`] : []),
    ...(overflow > 0 ? [`${overflow} observations fell into the overflow series: ${explosionInWords(windows)}`] : []),
  ];
}

/** Key order decides the bytes that are stored; make it independent of arrival. */
const sorted = (pods: Record<string, Counts>): Record<string, Counts> =>
  Object.fromEntries(Object.entries(pods).sort(([a], [b]) => (a < b ? -1 : 1)));
