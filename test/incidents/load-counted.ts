import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CohortName } from '../../src/domain/index.js';
import type { Incident, RecordedRequest } from './incident.js';

interface Minute {
  readonly requests: number;
  readonly errors: number;
  readonly medianSeconds: number;
}

const minuteNanos = 60e9;

/** An incident of which only minute counts are kept. Both cohorts start together and go on minute by minute. */
export function loadCounted({ id, fault }: { id: string; fault: string }, directory: string): Incident {
  const rows = readFileSync(join(directory, 'error-counts.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([name]) => name === id);
  const cohort = (name: CohortName): RecordedRequest[] =>
    rows
      .filter((row) => row[1] === name)
      .map(([, , , requests, errors, median]) => ({ requests: Number(requests), errors: Number(errors), medianSeconds: Number(median) }))
      .flatMap((minute, index) => spread(minute, index, `${id} ${name}`));
  return { id, fault, requests: { baseline: cohort('baseline'), canary: cohort('canary') } };
}

/** Requests evenly inside their minute, the failed ones evenly among them; every one takes the minute's median. */
function spread({ requests, errors, medianSeconds }: Minute, minute: number, of: string): RecordedRequest[] {
  return Array.from({ length: requests }, (_, index) => {
    const ids = createHash('sha256').update(`${of} ${minute} ${index}`).digest('hex');
    return {
      traceId: ids.slice(0, 32),
      spanId: ids.slice(32, 48),
      pod: `${of.toLowerCase().replace(' ', '-')}-0`,
      startNanos: Math.round((minute + index / requests) * minuteNanos),
      durationNanos: Math.round(medianSeconds * 1e9),
      route: 'other',
      failed: Math.floor(((index + 1) * errors) / requests) > Math.floor((index * errors) / requests),
    };
  });
}
