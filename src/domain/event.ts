import type { Assessment } from './evidence.js';
import type { Role } from './template.js';
import type { Decision, ReasonCode } from './verdict.js';

/** What people and tools are told about; public API, listed in docs/webhooks.md. */
export type EventType = 'run.started' | 'verdict.changed' | 'verdict.final';

export const eventTypes: readonly EventType[] = ['run.started', 'verdict.changed', 'verdict.final'];

/** One metric as receivers of events see it. A bound that is not there yet is null. */
export interface EventMetric {
  readonly name: string;
  readonly role: Role;
  readonly assessment: Assessment;
  readonly unit: string;
  readonly effectKind: 'difference' | 'ratio' | 'level';
  /** canary against baseline, turned so that positive is worse */
  readonly harm: { readonly low: number | null; readonly high: number | null; readonly estimate: number | null };
  readonly margin: number | null;
  readonly baseline: { readonly count: number; readonly value: number | null };
  readonly canary: { readonly count: number; readonly value: number | null };
  /** e-values, ≥ 0 */
  readonly evidence: { readonly harm: number; readonly safe: number };
  /** all of it as one sentence with the numbers */
  readonly summary: string;
  readonly warnings: readonly string[];
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
