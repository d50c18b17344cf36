import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Incident, RecordedRequest } from './incident.js';
import type { TracedIncident } from './incident-table.js';
import { isFailed, requestClass } from './request-class.js';

interface RootSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly pod: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Reads the minutes of an incident and cuts them at the onset into what came before it and what came after. */
export function loadTraced(row: TracedIncident, directory: string): Incident {
  const { roots, children } = readMinutes(row.minutes.map((minute) => join(directory, row.day, 'trace', `${minute}_trace.csv.gz`)));
  const onset = BigInt(row.onset) * 1_000_000_000n;
  const cohort = (belongs: (root: RootSpan) => boolean) => startTogether(roots.filter(belongs), children);
  return {
    id: row.id,
    fault: row.fault,
    requests: { baseline: cohort((root) => root.start < onset), canary: cohort((root) => root.start >= onset) },
  };
}

/** Root spans once each (some rows stand twice), and the operations each span called directly. */
function readMinutes(paths: readonly string[]): { roots: RootSpan[]; children: ReadonlyMap<string, ReadonlySet<string>> } {
  const roots = new Map<string, RootSpan>();
  const children = new Map<string, Set<string>>();
  for (const line of paths.flatMap(linesOf)) {
    const [traceId = '', spanId = '', parentId = '', pod = '', operation = '', start = '', end = ''] = line.split(',');
    if (parentId === 'root') {
      roots.set(spanId, { traceId, spanId, pod, start: BigInt(start), end: BigInt(end) });
    } else {
      const called = children.get(parentId) ?? new Set();
      children.set(parentId, called.add(operation.slice(operation.lastIndexOf('/') + 1)));
    }
  }
  return { roots: [...roots.values()].sort((a, b) => Number(a.start - b.start)), children };
}

const linesOf = (path: string): string[] => gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1);

function startTogether(roots: readonly RootSpan[], children: ReadonlyMap<string, ReadonlySet<string>>): RecordedRequest[] {
  const first = roots[0]?.start ?? 0n;
  return roots.map(({ traceId, spanId, pod, start, end }) => {
    const called = children.get(spanId) ?? new Set<string>();
    return {
      traceId,
      spanId,
      pod,
      startNanos: Number(start - first),
      durationNanos: Number(end - start),
      route: requestClass(called),
      failed: isFailed(called),
    };
  });
}
