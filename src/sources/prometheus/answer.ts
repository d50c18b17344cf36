import { SourceQueryError, SourceUnavailableError } from '../../domain/index.js';
import { type NativeHistogram, readNativeHistogram } from './native-histogram.js';

export type Labels = Readonly<Record<string, string>>;

/** A value at a moment, milliseconds since the epoch. A value that is not a number, or a histogram we cannot read, is NaN. */
export type Point = readonly [at: number, value: number | NativeHistogram];

export interface AnsweredSeries {
  readonly labels: Labels;
  /** ascending; an instant query gives one */
  readonly points: readonly Point[];
}

export interface Answer {
  readonly series: readonly AnsweredSeries[];
  /** the engine says that something is missing: the answer is not the whole truth */
  readonly warnings: readonly string[];
  /** the engine has a remark on the query */
  readonly infos: readonly string[];
}

/** Why an answer with warnings is not evidence. */
export const partial = ({ warnings }: Answer): string => `Prometheus says that its answer is not complete: ${warnings.join('; ')}`;

/** A scalar carries no labels, so it cannot belong to a cohort. */
const repairOfScalar =
  'the query gives one number without labels; keep the label that tells the cohorts apart, e.g. `sum by (version) (…)`';

const repairOfRange = 'the query gives a range of values for each series; leave out the range in brackets, or put a function around it';

/**
 * Past this line nothing is `unknown`: infinities are infinities, histograms are kept, warnings are not lost.
 *
 * @throws {SourceQueryError} the answer is an error, or carries no series
 * @throws {SourceUnavailableError} the answer is not from a Prometheus-compatible engine
 */
export function readAnswer(body: unknown, expected: 'vector' | 'matrix'): Answer {
  const { status, error, data, warnings, infos } = isRecord(body) ? body : {};
  if (status === 'error') throw new SourceQueryError(`Prometheus refused the query: ${plain(error)}`);
  if (status !== 'success' || !isRecord(data)) {
    throw new SourceUnavailableError('the answer is not from a Prometheus-compatible HTTP API; check the address and its path');
  }
  const { resultType, result } = data;
  if (resultType === 'scalar' || resultType === 'string') throw new SourceQueryError(repairOfScalar);
  if (expected === 'vector' && resultType === 'matrix') throw new SourceQueryError(repairOfRange);
  if (!Array.isArray(result)) throw new SourceUnavailableError('the answer of Prometheus has no list of series');
  return { series: result.map(readSeries), warnings: sentences(warnings), infos: sentences(infos) };
}

function readSeries(raw: unknown): AnsweredSeries {
  const { metric, value, values, histogram, histograms } = isRecord(raw) ? raw : {};
  if (!isLabels(metric)) throw new SourceUnavailableError('the answer of Prometheus has a series without labels');
  const numbers = listed(value, values).map(([at, text]): Point => [milliseconds(at), promNumber(text)]);
  const distributions = listed(histogram, histograms).map(
    ([at, body]): Point => [milliseconds(at), readNativeHistogram(body) ?? Number.NaN],
  );
  const points = distributions.length === 0 ? numbers : [...numbers, ...distributions].sort(([a], [b]) => a - b);
  return { labels: metric, points };
}

function listed(one: unknown, many: unknown): [unknown, unknown][] {
  const all = Array.isArray(many) ? many : Array.isArray(one) ? [one] : [];
  return all.filter((pair): pair is [unknown, unknown] => Array.isArray(pair) && pair.length === 2);
}

const milliseconds = (at: unknown): number => Math.round(Number(at) * 1000);

/** Prometheus writes numbers as text, with `+Inf`, `-Inf` and `NaN`. */
function promNumber(text: unknown): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
}

/** At most ten sentences, each safe to put into a log line. */
const sentences = (list: unknown): string[] => (Array.isArray(list) ? list.slice(0, 10).map(plain) : []);

/** Text of an engine, fit for people: one line, no control characters, not endless. */
export function plain(text: unknown): string {
  if (typeof text !== 'string' || text === '') return 'no message';
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const isLabels = (value: unknown): value is Labels => isRecord(value) && Object.values(value).every((label) => typeof label === 'string');
