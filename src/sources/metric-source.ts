import type { Cohorts, Measurement, Metric, TimeSlice } from '../domain/index.js';

/** What one look, or one stretch of the past, wants to know. */
export interface ReadRequest {
  /** metrics of this source only; arguments are filled in */
  readonly metrics: readonly Metric[];
  readonly cohorts: Cohorts;
  /** attribute or label that tells the cohorts apart, as the template names it */
  readonly by: string;
  /** attribute or label that names the pod; null: the template does not say */
  readonly pod: string | null;
  /** contiguous, ascending, of one length; one slice is a live look, many are the past */
  readonly slices: readonly TimeSlice[];
}

/** One list for each slice, in the order of the slices; each list has every metric, in the order of the request. */
export interface Reading {
  readonly measurements: Measurement[][];
}

/**
 * Where pulled metrics are read.
 *
 * - **empty**: a cohort without series is a gap `absent`, never a zero. An event series that is absent while the cohort's
 *   denominator is there is zero events: rare errors have no series until the first one.
 * - **slow**: the source's own time limit, or `signal`, ends the wait; what did not arrive is a gap `unavailable`.
 * - **refused**, broken, partial or larger than the limits: a gap `unavailable` with the source's message. It never throws for
 *   trouble of the source; what it throws is a bug.
 * - **repeated**: the same slice read again by the same process gives the same answer while it is remembered; one event is
 *   never counted in two slices. Slices read one at a time and all at once agree, as long as the source does not change its past.
 * - Counts are whole numbers; NaN, infinite and negative values never enter.
 */
export interface MetricSource {
  readWindows(request: ReadRequest, signal: AbortSignal): Promise<Reading>;

  /**
   * Asks the source for nothing much, to learn whether it answers.
   *
   * @throws {SourceUnavailableError} it does not, or nothing is configured
   */
  ping(signal: AbortSignal): Promise<void>;
}
