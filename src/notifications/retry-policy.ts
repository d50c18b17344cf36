import type { EventType } from '../domain/index.js';
import type { DeliveryLane, Settlement } from '../storage/index.js';

const seconds = 1;
const minutes = 60 * seconds;
const hours = 60 * minutes;

/** Standard Webhooks: how long before each attempt, from the one before. */
const usual = [0, 5 * seconds, 5 * minutes, 30 * minutes, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours];

/** A final verdict is worth asking often at first: somebody waits for it. */
const fast = [0, 1 * seconds, 3 * seconds, 10 * seconds, 30 * seconds, 60 * seconds, ...usual.slice(1)];
const fastAttempts = 6;

/** An endpoint that failed for so long is given up; one success in between begins anew. */
const patienceHours = 120;

/** Seconds before each attempt, without jitter. */
export const schedules: Readonly<Record<DeliveryLane, readonly number[]>> = { fast, usual };

const jitter = 0.2;
const longestRetryAfterSeconds = 1 * hours;

export interface AttemptMade {
  readonly lane: DeliveryLane;
  /** attempts made in this lane, this one included */
  readonly laneAttempts: number;
  /** HTTP status; null: no answer */
  readonly status: number | null;
  /** what the receiver asked for; null: nothing */
  readonly retryAfterSeconds: number | null;
  readonly at: Date;
  /** when the endpoint's present row of failures began; null: it worked the last time */
  readonly failingSince: Date | null;
  readonly type: EventType;
}

/**
 * What follows from an attempt: 2xx is the only success; 410 ends the endpoint, and so do 120 hours of nothing but failures; anything else
 * is tried again until the schedule ends. Where a final verdict has failed through the fast lane, others shall hear of it.
 *
 * @param random  uniform in [0, 1): spreads retries by ±20 %, so that receivers that come back are not hit all at once
 */
export function afterAttempt(attempt: AttemptMade, random: () => number): Settlement {
  const { lane, laneAttempts, status, retryAfterSeconds, at, type } = attempt;
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered', dueAt: null, disable: null };
  if (status === 410) return { state: 'dead', dueAt: null, disable: 'the receiver answered 410 Gone' };
  const alarm = type === 'verdict.final' && lane === 'fast' && laneAttempts === fastAttempts ? ({ alarm: true } as const) : {};
  const disable = hasFailedTooLong(attempt) ? `every attempt failed for ${patienceHours} hours` : null;
  const delay = schedules[lane][laneAttempts];
  if (delay === undefined) return { state: 'dead', dueAt: null, disable, ...alarm };
  const spread = delay * (1 - jitter + 2 * jitter * random());
  const asked = Math.min(Math.max(retryAfterSeconds ?? 0, 0), longestRetryAfterSeconds);
  return { state: 'pending', dueAt: new Date(at.getTime() + Math.round(Math.max(spread, asked) * 1000)), disable, ...alarm };
}

const hasFailedTooLong = ({ failingSince, at }: AttemptMade): boolean =>
  failingSince !== null && at.getTime() - failingSince.getTime() >= patienceHours * hours * 1000;

/** Seconds that a `Retry-After` header asks to wait (a number, or a date); null: it asks for nothing we understand. */
export function retryAfter(header: string | null, now: Date): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, (date - now.getTime()) / 1000);
}
