import { InvalidRequestError } from '../../../domain/index.js';

/** Moments of a range, all in milliseconds; both ends included. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const mostPoints = 11_000;

/**
 * A moment as Prometheus takes it, in milliseconds: seconds since 1970, or RFC 3339.
 *
 * @throws {InvalidRequestError}
 */
export function momentOf(text: string, name: string): number {
  const ms = /^-?\d+(\.\d+)?([eE]\+?\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!(Math.abs(ms) <= 8.64e15)) throw new InvalidRequestError(`invalid parameter "${name}": neither seconds nor RFC 3339`);
  return ms;
}

/** @throws {InvalidRequestError} missing, backwards, or more than 11,000 points */
export function rangeOf(asked: Readonly<Record<string, string | undefined>>): TimeRange {
  const [from, to] = ['start', 'end'].map((name) => momentOf(asked[name] ?? '', name)) as [number, number];
  const step = stepOf(asked['step'] ?? '');
  if (to < from) throw new InvalidRequestError('invalid parameter "end": end timestamp must not be before start time');
  if ((to - from) / step > mostPoints)
    throw new InvalidRequestError('exceeded maximum resolution of 11,000 points per timeseries: raise step, or split the range');
  return { from, to, step };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8, y: 3.1536e10 };

function stepOf(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  const isDuration = parts.length > 0 && parts.map(([part]) => part).join('') === text;
  const ms = isDuration ? parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0), 0) : Number(text) * 1000;
  if (!(ms > 0 && Number.isFinite(ms)))
    throw new InvalidRequestError('invalid parameter "step": a positive number of seconds or a duration');
  return ms;
}
