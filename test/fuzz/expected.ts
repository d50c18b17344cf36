import type { Signal } from '../../src/ingest/index.js';
import { expectedLogs } from './expected-logs.js';
import { expectedMetrics } from './expected-metrics.js';
import { expectedTraces } from './expected-traces.js';

export interface ExpectedCell {
  readonly count: number;
  /** seconds of spans, values of points; 0 for log records */
  readonly sum: number;
}

/** What a request should come to, by a decoder that is not ours and the rules said the obvious way. */
export interface Expected {
  readonly accepted: number;
  readonly refused: number;
  /** by {@link cellName} */
  readonly cells: ReadonlyMap<string, ExpectedCell>;
  /** why only numbers, and not cells, can be compared; null: there is no reason */
  readonly doubt: string | null;
}

const readers = { traces: expectedTraces, metrics: expectedMetrics, logs: expectedLogs };

/** @throws {Error} the other decoder refuses the request */
export const expectedOf = (signal: Signal, bytes: Uint8Array): Expected => readers[signal](bytes);
