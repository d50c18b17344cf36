import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Incident } from './incident.js';
import { countedIncidents, tracedIncidents } from './incident-table.js';
import { loadCounted } from './load-counted.js';
import { loadTraced } from './load-traced.js';

/** Where the recorded incidents are; they are not part of the project. */
export const incidentData = resolve(process.env['ASSAY_INCIDENT_DATA'] ?? join(import.meta.dirname, '../../../shared/data/nezha'));

export const hasIncidentData: boolean = existsSync(join(incidentData, 'error-counts.csv'));

/** Says once why a suite does nothing. */
export function sayIncidentDataIsMissing(suite: string): void {
  process.stdout.write(`skipped: ${suite} (no recorded incidents in ${incidentData}; set ASSAY_INCIDENT_DATA)\n`);
}

/** @throws {RangeError} an incident that is not in the table */
export function loadIncident(id: string): Incident {
  const traced = tracedIncidents.find((row) => row.id === id);
  if (traced) return loadTraced(traced, incidentData);
  const counted = countedIncidents.find((row) => row.id === id);
  if (counted) return loadCounted(counted, incidentData);
  throw new RangeError(`no incident ${id}; there are ${[...tracedIncidents, ...countedIncidents].map((row) => row.id).join(' ')}`);
}
