import { setTimeout as pause } from 'node:timers/promises';
import {
  type AssayClient,
  BrokenAnswerError,
  RefusedError,
  type RunRequest,
  UnreachableError,
  type VerdictAnswer,
} from './assay-client.js';

/** Exit codes of `assay gate`; public API, listed in docs/cli.md. */
export const gateExit = { promote: 0, rollback: 1, hold: 2, error: 3, cancelled: 4, usage: 64, unreachable: 69 } as const;

/** Between two questions, for a server that answers long polls at once. */
const leastGapMs = 250;

/** What to wait for, and for how long. */
export interface GateOrder {
  /** a run to join, or one to start */
  readonly run: string | RunRequest;
  /** the same key never starts a second run, so that starting can be repeated */
  readonly idempotencyKey: string;
  readonly timeoutMs: number;
  /** how long the server may be away before we give up */
  readonly retryForMs: number;
  readonly longPollSeconds: number;
  /** somebody has lost interest */
  readonly signal?: AbortSignal;
}

/** Told while we wait. */
export interface GateListener {
  started(run: string): void;
  /** every answer, changed or not */
  answered(verdict: VerdictAnswer): void;
  retrying(error: Error): void;
}

/** How the waiting ended. Only a final verdict is one; everything else is a reason not to go on. */
export type GateEnd =
  | { readonly kind: 'final'; readonly verdict: VerdictAnswer }
  | { readonly kind: 'timeout'; readonly run: string | null; readonly verdict: VerdictAnswer | null }
  | { readonly kind: 'failed'; readonly run: string | null; readonly error: unknown };

/** Starts or joins the run and waits until its verdict is final, through restarts of the server. Never throws. */
export async function passGate(client: AssayClient, order: GateOrder, listener: GateListener): Promise<GateEnd> {
  const timeout = AbortSignal.timeout(order.timeoutMs);
  const signal = order.signal ? AbortSignal.any([order.signal, timeout]) : timeout;
  let run: string | null = typeof order.run === 'string' ? order.run : null;
  let newest: VerdictAnswer | null = null;
  let etag: string | null = null;
  const persistently = <T>(attempt: () => Promise<T>): Promise<T> => untilAnswered(attempt, order.retryForMs, signal, listener);
  try {
    if (typeof order.run !== 'string') {
      const request = order.run;
      run = await persistently(() => client.startRun(request, order.idempotencyKey, signal));
    }
    const id = run ?? '';
    listener.started(id);
    for (;;) {
      const askedAt = performance.now();
      const answer = await persistently(() => client.verdict(id, order.longPollSeconds, etag, signal));
      if (answer !== null) {
        ({ verdict: newest, etag } = answer);
        listener.answered(newest);
        if (newest.final) break;
      }
      const early = leastGapMs - (performance.now() - askedAt);
      if (early > 0) await pause(early, undefined, { signal });
    }
    return { kind: 'final', verdict: newest };
  } catch (error) {
    return timeout.aborted ? { kind: 'timeout', run, verdict: newest } : { kind: 'failed', run, error };
  }
}

/** 0 only for a verdict that is final and says promote. */
export function gateExitCode(end: GateEnd, onTimeout: 'error' | 'hold'): number {
  switch (end.kind) {
    case 'final':
      if (end.verdict.final !== true) return gateExit.error;
      return end.verdict.cancelled ? gateExit.cancelled : gateExit[end.verdict.decision];
    case 'timeout':
      return onTimeout === 'hold' ? gateExit.hold : gateExit.error;
    case 'failed':
      if (end.error instanceof UnreachableError) return gateExit.unreachable;
      if (end.error instanceof RefusedError && [400, 404, 409, 422].includes(end.error.status)) return gateExit.usage;
      return gateExit.error;
  }
}

async function untilAnswered<T>(attempt: () => Promise<T>, retryForMs: number, signal: AbortSignal, listener: GateListener): Promise<T> {
  const giveUpAt = performance.now() + retryForMs;
  for (let pauseMs = 250; ; pauseMs = Math.min(5000, pauseMs * 2)) {
    try {
      return await attempt();
    } catch (error) {
      const left = giveUpAt - performance.now();
      if (signal.aborted || !isRetryable(error) || left <= 0) throw error;
      listener.retrying(error);
      await pause(Math.min(pauseMs, left), undefined, { signal });
    }
  }
}

const isRetryable = (error: unknown): error is Error =>
  error instanceof UnreachableError || error instanceof BrokenAnswerError || (error instanceof RefusedError && error.retryable);
