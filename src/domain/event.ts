import type { MetricOnWire } from './metric-on-wire.js';
import type { Decision, ReasonCode } from './verdict.js';

/** What people and tools are told about; public API, listed in docs/webhooks.md. */
export type EventType = 'run.started' | 'verdict.changed' | 'verdict.final' | 'delivery.failing' | 'endpoint.disabled' | 'endpoint.test';

export const eventTypes: readonly EventType[] = [
  'run.started',
  'verdict.changed',
  'verdict.final',
  'delivery.failing',
  'endpoint.disabled',
  'endpoint.test',
];

/** Who could not be told, in `delivery.failing` and `endpoint.disabled`. */
export interface Undelivered {
  readonly endpoint: string;
  readonly channel: string;
  /** id of the event */
  readonly event: string;
  /** ISO 8601: since when every attempt has failed */
  readonly since: string;
  readonly error: string;
}

/** One metric as receivers of events see it: as the API shows it, and as a sentence. */
export interface EventMetric extends MetricOnWire {
  /** all of it as one sentence with the numbers */
  readonly summary: string;
}

/** The body of an event: flat, small (≤ 20 000 bytes), every field always present. */
export interface EventPayload {
  readonly type: EventType;
  /** ISO 8601: when it happened, not when it was sent */
  readonly timestamp: string;
  readonly data: {
    readonly run: string;
    /** `http-service@sha256:9f2c…` */
    readonly template: string;
    /** argument `service` of the run, where it has one */
    readonly service: string | null;
    /** null until the first look */
    readonly decision: Decision | null;
    readonly final: boolean;
    readonly code: ReasonCode | null;
    readonly reason: string;
    readonly score: number | null;
    /** what the decision was before this event; null: there was none */
    readonly previousDecision: Decision | null;
    readonly looks: number;
    readonly startedAt: string;
    readonly elapsedSeconds: number;
    /** declared canary weight in force; null: not declared */
    readonly weight: number | null;
    readonly baseline: string;
    readonly canary: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly url: string;
    readonly metrics: readonly EventMetric[];
    /** metrics left out to keep the body small */
    readonly metricsOmitted: number;
    /** null but in events about deliveries */
    readonly undelivered: Undelivered | null;
  };
}

/** One thing that happened to a run, with the bytes that every receiver gets however often it is sent. */
export interface OutboxEvent {
  /** `evt_…`; the same for the same happening, whoever writes it */
  readonly id: string;
  readonly type: EventType;
  readonly runId: string;
  readonly at: Date;
  /** JSON of an {@link EventPayload} */
  readonly body: string;
}
