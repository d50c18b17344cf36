import { Injectable } from '@nestjs/common';
import type { ClosedWindow, MeasuredWindow, Measurement, Run, TimeSlice } from '../domain/index.js';
import { PrometheusSource } from '../sources/index.js';
import { WindowStore } from '../storage/index.js';
import { PushedMeter } from './measure.js';
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
    const [pushed, pulled] = await Promise.all([this.readPushed(run, slices), this.readPrometheus(run, slices, signal)]);
    return slices.map((slice, index) => {
      const measurements = [...(pushed[index] ?? []), ...(pulled[index] ?? [])];
      return { ...slice, ...phaseAt(run, slice), measurements: inTemplateOrder(run, measurements) };
    });
  }

  /** The pushed telemetry of these slices as it was stored; empty where the template reads none. */
  async pushed(run: Run, slices: readonly TimeSlice[]): Promise<ClosedWindow[]> {
    const [first, last] = [slices[0], slices.at(-1)];
    if (!first || !last || run.template.metrics.every(({ source }) => source === 'prometheus')) return [];
    return this.windows.read({ from: first.from, to: last.to });
  }

  private async readPushed(run: Run, slices: readonly TimeSlice[]): Promise<Measurement[][]> {
    return measurePushed(run, slices, await this.pushed(run, slices));
  }

  private async readPrometheus(run: Run, slices: readonly TimeSlice[], signal: AbortSignal): Promise<Measurement[][]> {
    const metrics = run.template.metrics.filter(({ source }) => source === 'prometheus');
    if (metrics.length === 0) return [];
    const { by, pod } = run.template.cohorts;
    const { measurements } = await this.prometheus.readWindows({ metrics, cohorts: run.cohorts, by, pod, slices }, signal);
    return measurements;
  }
}

/** Pushed telemetry as measurements, a list per slice. */
export function measurePushed(
  run: Pick<Run, 'template' | 'cohorts'>,
  slices: readonly TimeSlice[],
  stored: readonly ClosedWindow[],
): Measurement[][] {
  const sides = { cohorts: run.cohorts, pod: run.template.cohorts.pod };
  const meters = run.template.metrics.filter(({ source }) => source !== 'prometheus').map((metric) => new PushedMeter(metric, sides));
  let next = 0;
  return slices.map(({ from, to }) => {
    while (next < stored.length && (stored[next]?.from ?? 0) < from) next += 1;
    const inside: ClosedWindow[] = [];
    for (let window = stored[next]; window && window.from < to; window = stored[++next]) {
      if (window.to <= to) inside.push(window);
    }
    return meters.map((meter) => meter.measure(inside, (to - from) / 1000));
  });
}

function inTemplateOrder(run: Run, measurements: readonly Measurement[]): Measurement[] {
  const byName = new Map(measurements.map((measurement) => [measurement.metric, measurement]));
  return run.template.metrics.flatMap(({ name }) => byName.get(name) ?? []);
}
