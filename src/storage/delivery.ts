import type { EventType, OutboxEvent } from '../domain/index.js';
import type { Endpoint } from './endpoint.store.js';

/** pending: will be tried (again); delivered: the receiver said 2xx; dead: given up, can be replayed. */
export type DeliveryState = 'pending' | 'delivered' | 'dead';

/** fast: final verdicts, retried within seconds at first. */
export type DeliveryLane = 'fast' | 'usual';

export interface Attempt {
  /** 1-based */
  readonly number: number;
  readonly at: Date;
  /** HTTP status; null: there was no answer */
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
  /** beginning of the answer, at most 1 KiB */
  readonly snippet: string | null;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  /** `dlv_…` */
  readonly id: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly endpointId: string;
  readonly runId: string;
  readonly state: DeliveryState;
  readonly lane: DeliveryLane;
  /** next attempt, while pending */
  readonly dueAt: Date;
  readonly attempts: readonly Attempt[];
  readonly replayOf: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** A delivery that this worker alone may attempt until its claim runs out. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly claim: string;
  readonly event: OutboxEvent;
  readonly endpoint: Endpoint;
  readonly attempts: number;
}

/** What one attempt came to. */
export interface Settlement {
  readonly state: DeliveryState;
  /** next attempt, where still pending */
  readonly dueAt: Date | null;
  /** why the endpoint is disabled from now on; null: it is not */
  readonly disable: string | null;
  /** it is time that others hear that this endpoint is not told; absent: not yet, or no more */
  readonly alarm?: true;
}

export interface ClaimRequest {
  readonly claim: string;
  readonly limit: number;
  /** endpoints whose last attempt failed, or those whose last attempt did not */
  readonly failing: boolean;
  readonly perEndpoint: number;
  readonly leaseSeconds: number;
  readonly now: Date;
}

export interface DeliveryFilter {
  readonly limit: number;
  readonly cursor: string | null;
  readonly endpointId?: string | undefined;
  readonly runId?: string | undefined;
  readonly state?: DeliveryState | undefined;
}
