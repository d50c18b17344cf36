import { Injectable } from '@nestjs/common';
import {
  type ClosedWindow,
  type MeasuredWindow,
  type Measurement,
  type Run,
  type Selection,
  selectionsOf,
  type TimeSlice,
} from '../domain/index.js';
import { PrometheusSource } from '../sources/index.js';
import { WindowStore } from '../storage/index.js';
import { withoutMarks } from './incomplete-windows.js';
import { PushedMeter } from './measure.js';
import { besidePast, type Readings, readingsOf } from './reference-periods.js';
import { TrafficMeter, totalTraffic } from './traffic.js';
import { phaseAt } from './window-slices.js';

/** Reads what each metric of a run did in some windows, from wherever its template says. */
@Injectable()
export class WindowReader {
  constructor(
    private readonly windows: WindowStore,
    private readonly prometheus: PrometheusSource,
  ) {}

  /**
   * @param slices  contiguous, ascending; all of them complete
   * @returns one measured window per slice. A source that fails leaves gaps and warnings, never an error
   */
  async read(run: Run, slices: readonly TimeSlice[], signal: AbortSignal): Promise<MeasuredWindow[]> {
    const earlier = run.template.cohorts.baseline;
    if (!earlier) return this.readBoth(run, slices, signal);
    const asked = readingsOf(run, earlier, slices, (cohorts, when) => this.readBoth(cohorts, when, signal));
    return besidePast(await answered(asked));
  }

  private async readBoth(run: Run, slices: readonly TimeSlice[], signal: AbortSignal): Promise<MeasuredWindow[]> {
    const [stored, pulled] = await Promise.all([this.pushed(run, slices), this.readPrometheus(run, slices, signal)]);
    return measureWindows(run, slices, { stored, pulled });
  }

  /** The pushed telemetry of these slices as it was stored; empty where the template reads none. */
  async pushed(run: Run, slices: readonly TimeSlice[]): Promise<ClosedWindow[]> {
    const [first, last] = [slices[0], slices.at(-1)];
    if (!first || !last || run.template.metrics.every(({ source }) => source === 'prometheus')) return [];
    return this.windows.read({ service: onlyServiceOf(run), from: first.from, to: last.to });
  }

  private async readPrometheus(run: Run, slices: readonly TimeSlice[], signal: AbortSignal): Promise<Measurement[][]> {
    const metrics = run.template.metrics.filter(({ source }) => source === 'prometheus');
    if (metrics.length === 0) return [];
    const { by, pod } = run.template.cohorts;
    const { measurements } = await this.prometheus.readWindows({ metrics, cohorts: run.cohorts, by, pod, slices }, signal);
    return measurements;
  }
}

/** The service that every pushed metric of the run asks for; null: several, or whoever matches. */
function onlyServiceOf({ template }: Run): string | null {
  const selections = template.metrics.filter(({ source }) => source !== 'prometheus').flatMap(selectionsOf);
  const services = new Set(selections.map(serviceOf));
  const [service] = services;
  return services.size === 1 ? (service ?? null) : null;
}

const serviceOf = (selection: Selection): string | null =>
  (selection.type === 'pushed' &&
    selection.matchers.find(({ attribute, operator }) => attribute === 'service.name' && operator === '=')?.value) ||
  null;

/** What is known of some windows. */
interface Read {
  /** closed windows of pushed telemetry, ascending; marks of a loss anywhere */
  readonly stored: readonly ClosedWindow[];
  /** what was pulled, a list per slice; absent: nothing */
  readonly pulled?: readonly Measurement[][];
}

/** One measured window per slice of a run that reads pushed telemetry only; `stored` reaches back to the reference periods. */
export function measureStored(run: Run, slices: readonly TimeSlice[], stored: readonly ClosedWindow[]): MeasuredWindow[] {
  const earlier = run.template.cohorts.baseline;
  if (!earlier) return measureWindows(run, slices, { stored });
  return besidePast(readingsOf(run, earlier, slices, (asked, when) => measureWindows(asked, when, { stored })));
}

async function answered<T>({ now, past, control }: Readings<Promise<T>>): Promise<Readings<T>> {
  const [here, before] = await Promise.all([now, Promise.all(past)]);
  if (!control) return { now: here, past: before };
  const [beside, periods, service] = await Promise.all([control.now, Promise.all(control.past), control.service]);
  return { now: here, past: before, control: { now: beside, past: periods, service } };
}

/** One measured window per slice, from everything that was read of it. */
export function measureWindows(
  run: Pick<Run, 'template' | 'cohorts' | 'phaseChanges'>,
  slices: readonly TimeSlice[],
  { stored, pulled = [] }: Read,
): MeasuredWindow[] {
  const sides = { cohorts: run.cohorts, pod: run.template.cohorts.pod };
  const meters = run.template.metrics.filter(({ source }) => source !== 'prometheus').map((metric) => new PushedMeter(metric, sides));
  const trafficMeter = new TrafficMeter(run);
  const { windows, marksOf } = withoutMarks(stored);
  let next = 0;
  return slices.map((slice, index) => {
    const { from, to } = slice;
    while (next < windows.length && (windows[next]?.from ?? 0) < from) next += 1;
    const inside = [...marksOf(slice)];
    for (let window = windows[next]; window && window.from < to; window = windows[++next]) {
      if (window.to <= to) inside.push(window);
    }
    const pushed = meters.map((meter) => meter.measure(inside, (to - from) / 1000));
    const measurements = inTemplateOrder(run, [...pushed, ...(pulled[index] ?? [])]);
    const traffic = trafficMeter.measure(inside) ?? totalTraffic(run.template, measurements);
    return { from, to, ...phaseAt(run, slice), measurements, traffic };
  });
}

function inTemplateOrder({ template }: Pick<Run, 'template'>, measurements: readonly Measurement[]): Measurement[] {
  const byName = new Map(measurements.map((measurement) => [measurement.metric, measurement]));
  return template.metrics.flatMap(({ name }) => byName.get(name) ?? []);
}
