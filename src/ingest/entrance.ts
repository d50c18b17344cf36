import type { Encoding, Signal } from './otlp-reader.js';
import type { Receipt } from './part-recorder.js';
import type { ReceivingGate } from './receiving-gate.js';
import type { DoorName, RefusalReason } from './refusals.js';
import { RefusedRequest } from './refused-request.js';

export type Admission = 'welcome' | 'unknown' | 'without the scope';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxDecodedBytes: number;
}

/** What is behind both doors, OTLP/HTTP and OTLP/gRPC. */
export interface ReceiverOptions {
  readonly limits: BodyLimits;
  readonly gate: ReceivingGate;
  /** null: the request has no token */
  readonly authorize: (token: string | null) => Admission;
  /** The body is only lent, until this returns. @throws {MalformedOtlpError} */
  readonly record: (signal: Signal, encoding: Encoding, body: Uint8Array) => Receipt;
  /** too much is waiting to be handed over */
  readonly busy: () => boolean;
  readonly onRefused: (door: DoorName, reason: RefusalReason) => void;
  readonly onBug: (error: unknown) => void;
}

/** @throws {RefusedRequest} 503 nothing is received for now */
export function checkGate({ gate, busy }: ReceiverOptions): void {
  if (gate.state === 'stopping') throw new RefusedRequest(503, 'the server is stopping', true, {}, 'stopping');
  if (gate.state === 'overloaded' || busy()) throw new RefusedRequest(503, 'the server cannot keep up', true);
}

/**
 * @param authorization  the header field; null: there is none
 * @throws {RefusedRequest} 401, 403
 */
export function checkToken({ authorize }: ReceiverOptions, authorization: string | null): void {
  const admission = authorize(bearerOf(authorization));
  if (admission === 'welcome') return;
  if (admission === 'without the scope') throw new RefusedRequest(403, 'this token has not the scope ingest');
  throw new RefusedRequest(401, 'a token with the scope ingest is needed', false, { 'www-authenticate': 'Bearer' });
}

function bearerOf(authorization: string | null): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return token ?? null;
}
