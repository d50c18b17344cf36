import {
  type CohortRule,
  type EarlierBaseline,
  type Gap,
  isGap,
  type Matcher,
  type Matchers,
  type MeasuredWindow,
  type Measurement,
  type Metric,
  type Run,
  type Sample,
  type Selection,
  type Template,
  type TimeSlice,
} from '../domain/index.js';
import { type Histogram, mergeHistograms } from '../statistics/index.js';

/** Whoever it was: all traffic of the metric's own selection. */
export const anybody = ({ by }: CohortRule): Matcher => ({ attribute: by, operator: '=~', value: '.*' });

/** The run named no baseline. */
export const isAnybody = ({ cohorts, template }: Pick<Run, 'cohorts' | 'template'>): boolean =>
  template.cohorts.baseline !== undefined && cohorts.baseline.some(({ operator }) => operator === '=~');

/** No value matches: the side of a reading that nobody asked for. */
const nobody = ({ by }: CohortRule): Matcher => ({ attribute: by, operator: '=~', value: '[^\\x00-\\x{10FFFF}]' });

/** Reads some windows of a run as if both of its cohorts ran at the same time. */
export type ReadWindows<T> = (run: Run, slices: readonly TimeSlice[]) => T;

/** What is read of a run whose baseline is earlier: its canary now, and its baseline in each reference period, the nearest first. */
export interface Readings<T> {
  readonly now: T;
  readonly past: readonly T[];
  /** absent: nobody's change is taken off */
  readonly control?: ControlReadings<T>;
}

/** The control at the same times, and the baseline's own service now. */
interface ControlReadings<T> {
  readonly now: T;
  readonly past: readonly T[];
  readonly service: T;
}

/** The questions of such a run. */
export function readingsOf<T>(run: Run, earlier: EarlierBaseline, slices: readonly TimeSlice[], read: ReadWindows<T>): Readings<T> {
  const rule = run.template.cohorts;
  const periods = Array.from({ length: earlier.references }, (_, index) =>
    slices.map(({ from, to }): TimeSlice => {
      const ms = (index + 1) * earlier.beforeSeconds * 1000;
      return { from: from - ms, to: to - ms };
    }),
  );
  const before: Run = { ...run, cohorts: { baseline: run.cohorts.baseline, canary: [nobody(rule)] } };
  const readings = {
    now: read({ ...run, cohorts: { baseline: [nobody(rule)], canary: run.cohorts.canary } }, slices),
    past: periods.map((period) => read(before, period)),
  };
  if (!earlier.control) return readings;
  const control: Run = {
    ...run,
    template: ofControl(run.template, earlier.control),
    cohorts: { baseline: earlier.control, canary: [nobody(rule)] },
  };
  return {
    ...readings,
    control: { now: read(control, slices), past: periods.map((period) => read(control, period)), service: read(before, slices) },
  };
}

/** The same metrics of somebody else: what names the service in them gives way to what names the control. */
function ofControl(template: Template, control: Matchers): Template {
  const named = new Set(control.map(({ attribute }) => attribute));
  const of = <S extends Selection>(selection: S): S =>
    selection.type === 'pushed'
      ? { ...selection, matchers: [...selection.matchers.filter(({ attribute }) => !named.has(attribute)), ...control] }
      : selection;
  return { ...template, metrics: template.metrics.map((metric) => withSelections(metric, of)) };
}

function withSelections(metric: Metric, of: <S extends Selection>(selection: S) => S): Metric {
  switch (metric.kind) {
    case 'proportion':
      return { ...metric, of: of(metric.of), events: of(metric.events) };
    case 'rate':
      return { ...metric, events: of(metric.events), per: metric.per === 'second' ? 'second' : of(metric.per) };
    default:
      return { ...metric, of: of(metric.of) };
  }
}

/** Windows of now, with what the baseline did at the same time of the reference periods. Cohorts of unlike times have no split and no mix. */
export function besidePast({ now, past, control }: Readings<readonly MeasuredWindow[]>): MeasuredWindow[] {
  return now.map((window, index) => ({
    ...window,
    measurements: window.measurements.map((measurement) => {
      const inWindow = (windows: readonly MeasuredWindow[]): Measurement[] =>
        windows[index]?.measurements.filter(({ metric }) => metric === measurement.metric) ?? [];
      const compared = withReferences(measurement, past.flatMap(inWindow));
      if (!control) return compared;
      const [controlNow, service] = [inWindow(control.now)[0], inWindow(control.service)[0]];
      const references = control.past.flatMap(inWindow).map(({ baseline }) => baseline);
      return { ...compared, control: { now: controlNow?.baseline ?? unread, references, service: service?.baseline ?? unread } };
    }),
    traffic: null,
  }));
}

const unread: Gap = { kind: 'gap', cause: 'absent', detail: 'this window was not measured' };

function withReferences({ metric, canary, warnings }: Measurement, periods: readonly Measurement[]): Measurement {
  const references = periods.map(({ baseline }) => baseline);
  const all = [...new Set([...warnings, ...periods.flatMap((period) => period.warnings)])];
  return { metric, baseline: together(references), canary, references, warnings: all };
}

/** A period that could not be read spoils the window; one without traffic only adds nothing. */
function together(references: readonly (Sample | Gap)[]): Sample | Gap {
  const unread = references.find((reference) => isGap(reference) && reference.cause !== 'absent' && reference.cause !== 'zero');
  if (unread) return unread;
  const [first, ...rest] = references.filter((reference) => !isGap(reference));
  if (!first) return { kind: 'gap', cause: 'absent', detail: `no baseline telemetry in any of the ${references.length} reference periods` };
  const levels = [first, ...rest].flatMap((sample) => (sample.kind === 'level' ? [sample.value] : []));
  if (levels.length === rest.length + 1) return { kind: 'level', value: levels.reduce((sum, level) => sum + level, 0) / levels.length };
  return rest.reduce<Sample | Gap>(sumOf, first);
}

function sumOf(sofar: Sample | Gap, next: Sample): Sample | Gap {
  if (sofar.kind === 'counts' && next.kind === 'counts')
    return { kind: 'counts', total: sofar.total + next.total, events: sofar.events + next.events, pods: {} };
  if (sofar.kind === 'rate' && next.kind === 'rate')
    return { kind: 'rate', events: sofar.events + next.events, exposure: sofar.exposure + next.exposure };
  if (sofar.kind === 'moments' && next.kind === 'moments') return momentsOf(sofar, next);
  if (sofar.kind === 'distribution' && next.kind === 'distribution') return mergedIfAlike(sofar.histogram, next.histogram);
  return { kind: 'gap', cause: 'unavailable', detail: 'the reference periods were measured in different ways' };
}

type Moments = Extract<Sample, { kind: 'moments' }>;

function momentsOf(one: Moments, other: Moments): Moments {
  const count = one.count + other.count;
  if (one.count === 0 || other.count === 0) return one.count > 0 ? one : other;
  const apart = other.mean - one.mean;
  const squares = squaresOf(one) + squaresOf(other) + (apart ** 2 * one.count * other.count) / count;
  return { kind: 'moments', count, mean: one.mean + (apart * other.count) / count, variance: squares / (count - 1) };
}

const squaresOf = ({ count, variance }: Moments): number => Math.max(0, count - 1) * variance;

const mergedIfAlike = (one: Histogram, other: Histogram): Sample | Gap =>
  one.kind === other.kind
    ? { kind: 'distribution', histogram: mergeHistograms(one, other) }
    : {
        kind: 'gap',
        cause: 'unavailable',
        detail: 'the reference periods have explicit and exponential histograms, which cannot be merged',
      };
