import type { Histogram } from '../statistics/index.js';

/** Half-open slice of wall-clock time `[from, to)`, milliseconds since the epoch. */
export interface TimeSlice {
  readonly from: number;
  readonly to: number;
}

/** Attributes that tell cells apart, by name. Only attributes that some template names are kept. */
export type Attributes = Readonly<Record<string, string>>;

/** A trace worth opening, out of those a cell counted. */
export interface Exemplar {
  /** 32 hexadecimal digits, lower case */
  readonly traceId: string;
  /** slowest: the longest span of its cell; failed: the last one that ended in an error */
  readonly kind: 'slowest' | 'failed';
  /** how long that span took */
  readonly seconds: number;
  /** when it ended, milliseconds since the epoch */
  readonly at: number;
}

/**
 * What one closed window holds of pushed telemetry that shares all kept attributes.
 *
 * - `span`: `count` spans; `histogram` of their durations in seconds. Attributes include `kind`
 *   (server, client, producer, consumer, internal) and `status` (unset, ok, error).
 * - `sum`: `count` is the increase of a monotonic counter in the window.
 * - `gauge`: `count` samples of `sum`, `sumOfSquares`; `last` is the newest.
 * - `histogram`: `count` observations; `histogram` of their values, `sum` of them.
 * - `log`: `count` log records. Attributes include `severity` (trace, debug, info, warn, error, fatal), where it is known.
 */
export interface Cell {
  readonly signal: 'span' | 'sum' | 'gauge' | 'histogram' | 'log';
  /** OTLP instrument name; null for spans and log records. A numeric span attribute named by a template is a `histogram` cell of that name */
  readonly instrument: string | null;
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly last: number;
  readonly histogram: Histogram | null;
  /** spans only: at most one of each kind; absent where there is none */
  readonly exemplars?: readonly Exemplar[];
}

/** What went wrong while a window was open; shown with the evidence, never guessed away. */
export interface WindowFlags {
  /** observations that came after the window had closed, and were refused */
  readonly late: number;
  /** observations that are in an overflow cell, because a cardinality limit was reached */
  readonly overflow: number;
  /** points of metric streams that are not followed, because there are too many: they are in no cell; absent: none */
  readonly unfollowed?: number;
  /** Assay was stopped in it, and what it had received of it until then is lost; absent: nothing is known to be */
  readonly incomplete?: true;
}

/** One slice of the telemetry of one service; closed once, never revised. */
export interface ClosedWindow extends TimeSlice {
  readonly service: string;
  readonly cells: readonly Cell[];
  readonly flags: WindowFlags;
}

/** Stands for all services: an incomplete window of this one says that whatever was received in it is lost. Its length is any. */
export const everyService = '';

/** Says of a stretch of time that something of it is lost, whatever service it was of. */
export const isLossMark = ({ service, flags }: ClosedWindow): boolean => service === everyService && flags.incomplete === true;
