import type { Selectable } from 'kysely';
import type { EventType } from '../domain/index.js';
import type { Attempt, Delivery, DeliveryLane, DeliveryState } from './delivery.js';
import type { DeliveryAttemptTable, DeliveryTable } from './tables.js';

export type DeliveryRow = Selectable<DeliveryTable> & { readonly event_type: string };

/** Receivers answer with anything; a text column holds no NUL. */
export const attemptRow = ({ at, status, durationMs, error, snippet }: Omit<Attempt, 'number'>) => ({
  at,
  status,
  duration_ms: Math.round(durationMs),
  error: error?.replaceAll('\0', '\uFFFD') ?? null,
  snippet: snippet?.replaceAll('\0', '\uFFFD') ?? null,
});

export const deliveryOf = (row: DeliveryRow, attempts: readonly DeliveryAttemptTable[]): Delivery => ({
  id: row.id,
  eventId: row.event_id,
  eventType: row.event_type as EventType,
  endpointId: row.endpoint_id,
  runId: row.run_id,
  state: row.state as DeliveryState,
  lane: row.lane as DeliveryLane,
  dueAt: row.due_at,
  attempts: attempts.map(({ number, at, status, duration_ms, error, snippet }) => ({
    number,
    at,
    status,
    durationMs: duration_ms,
    error,
    snippet,
  })),
  replayOf: row.replay_of,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
});
