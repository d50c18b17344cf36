import { Injectable } from '@nestjs/common';
import { historyWindows, isGap, type MeasuredWindow, type Run, type TimeSlice } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { outagesIn } from './outages.js';
import { WindowReader } from './window-reader.js';

/** Past runs that are asked whether they ended in harm. */
const pastRuns = 100;

/** What one attempt to read the time before a run brought. */
export interface HistoryRead {
  /** in which the baseline was seen, oldest first, without outages and stretches that a past run rolled back from */
  readonly windows: readonly MeasuredWindow[];
  /** windows that were seen and left out */
  readonly leftOut: number;
  /** what could not be read, in the source's words; null: everything was */
  readonly trouble: string | null;
}

/** Reads what noise a baseline has from the time before a run. */
@Injectable()
export class BaselineHistory {
  constructor(
    private readonly windows: WindowReader,
    private readonly runs: RunStore,
  ) {}

  /** Never fails but by `signal`: a source or store that does not answer is trouble. */
  async before(run: Run, signal: AbortSignal): Promise<HistoryRead> {
    try {
      const [measured, contaminated] = await Promise.all([this.windows.read(run, slicesBefore(run), signal), this.contaminated(run)]);
      const isClean = ({ from, to }: TimeSlice): boolean => !contaminated.some((slice) => slice.from < to && slice.to > from);
      const seen = measured.filter(wasSeen);
      const clean = seen.filter(isClean);
      const isOut = outagesIn(run.template, clean);
      const windows = clean.filter((_, index) => !isOut[index]);
      return { windows, leftOut: seen.length - windows.length, trouble: troubleIn(measured) };
    } catch (error) {
      signal.throwIfAborted();
      return { windows: [], leftOut: 0, trouble: error instanceof Error ? error.message : String(error) };
    }
  }

  /** What happened during a bad release says nothing about a normal day. */
  private async contaminated(run: Run): Promise<TimeSlice[]> {
    const { runs } = await this.runs.list({ limit: pastRuns, cursor: null, state: 'finished', template: run.template.name });
    return runs.flatMap(({ id, verdict, from, finishedAt, to }) =>
      id !== run.id && verdict?.decision === 'rollback' ? [{ from: from.getTime(), to: (to ?? finishedAt ?? from).getTime() }] : [],
    );
  }
}

function slicesBefore(run: Run): TimeSlice[] {
  const windowMs = run.template.schedule.windowSeconds * 1000;
  const end = run.from.getTime();
  return Array.from({ length: historyWindows }, (_, index) => {
    const from = end - (historyWindows - index) * windowMs;
    return { from, to: from + windowMs };
  });
}

const wasSeen = ({ measurements }: MeasuredWindow): boolean => measurements.some(({ baseline }) => !isGap(baseline));

function troubleIn(windows: readonly MeasuredWindow[]): string | null {
  for (const { measurements } of windows)
    for (const { baseline } of measurements) if (isGap(baseline) && baseline.cause === 'unavailable') return baseline.detail;
  return null;
}
