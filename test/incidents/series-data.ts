import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { incidentData } from './incident-data.js';
import type { Rows } from './series-table.js';

/** Where the recorded series are: beside the incidents. */
const seriesData = resolve(incidentData, '..');

export const hasSeriesData: boolean = ['cloud-monitoring', 'nab'].every((folder) => existsSync(join(seriesData, folder)));

/** Says once why a suite does nothing. */
export function sayRecordedSeriesAreMissing(suite: string): void {
  process.stdout.write(`skipped: ${suite} (no recorded series in ${seriesData}; set ASSAY_INCIDENT_DATA)\n`);
}

/** The values of a recorded series, evenly spaced in time. */
export function loadSeries(file: string): number[] {
  const rows = readFileSync(join(seriesData, file), 'utf8').trim().split(/\r?\n/).slice(1);
  return rows.map((row) => Number(row.split(',')[1]));
}

export const rowsOf = (series: readonly number[], [first, last]: Rows): number[] => series.slice(first, last + 1);
