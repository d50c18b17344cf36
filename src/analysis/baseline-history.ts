import { Injectable, Logger } from '@nestjs/common';
import { isGap, type MeasuredWindow, type Run, type TimeSlice } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { WindowReader } from './window-reader.js';

/** Windows from before a run that it learns from: enough for a dispersion without a safety factor (statistics §D.5). */
const historyWindows = 240;

/** Past runs that are asked whether they ended in harm. */
const pastRuns = 100;

/** Learns what noise a baseline has from the time before a run. Whatever cannot be read is simply not known. */
@Injectable()
export class BaselineHistory {
  private readonly log = new Logger(BaselineHistory.name);

  constructor(
    private readonly windows: WindowReader,
    private readonly runs: RunStore,
  ) {}

  /** @returns windows in which the baseline was seen, oldest first, without stretches that a past run rolled back from */
  async before(run: Run, signal: AbortSignal): Promise<MeasuredWindow[]> {
    try {
      const [measured, contaminated] = await Promise.all([this.windows.read(run, slicesBefore(run), signal), this.contaminated(run)]);
      return measured.filter(
        (window) => wasSeen(window) && !contaminated.some((slice) => slice.from < window.to && slice.to > window.from),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      this.log.warn(`run ${run.id} starts without the history of its baseline: ${error instanceof Error ? error.message : String(error)}`);
      return [];
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
