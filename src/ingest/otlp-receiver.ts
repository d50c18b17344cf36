import type { Answer, Door, Exchange, RequestHead } from './http1/index.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { acceptedAnswer, contentTypes, refusedAnswer } from './otlp-answer.js';
import type { Encoding, Signal } from './otlp-reader.js';
import type { Receipt } from './part-recorder.js';
import type { ReceivingGate, Reservation } from './receiving-gate.js';
import { RefusedRequest } from './refused-request.js';
import { claimedBytes, type Packing, unpack } from './unpack.js';

export type Admission = 'welcome' | 'unknown' | 'without the scope';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxDecodedBytes: number;
}

export interface ReceiverOptions {
  readonly limits: BodyLimits;
  readonly gate: ReceivingGate;
  /** null: the request has no token */
  readonly authorize: (token: string | null) => Admission;
  /** The body is only lent, until this returns. @throws {MalformedOtlpError} */
  readonly record: (signal: Signal, encoding: Encoding, body: Uint8Array) => Receipt;
  /** too much is waiting to be handed over */
  readonly busy: () => boolean;
  readonly onBug: (error: unknown) => void;
}

const signals: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/metrics': 'metrics', '/v1/logs': 'logs' };
const packings: Readonly<Record<string, Packing>> = { identity: 'identity', gzip: 'gzip', zstd: 'zstd' };
const mostFields = 100;

/**
 * The OTLP/HTTP door: bodies in; 200, 400, 401, 403, 404, 405, 408, 413, 415, 417, 429, 431, 501 or 503 out.
 *
 * Errors are google.rpc.Status in the request's encoding; 429 and 503 say when to try again.
 */
export class OtlpDoor implements Door {
  readonly mostBodyBytes: number;
  private refusals = 0;

  constructor(private readonly options: ReceiverOptions) {
    this.mostBodyBytes = options.limits.maxBodyBytes;
  }

  admit(head: RequestHead): Exchange {
    const signal = signalOf(head);
    this.checkGate();
    if (head.fieldCount > mostFields) throw new RefusedRequest(431, `more than ${mostFields} header fields`);
    this.checkToken(head);
    return new OtlpExchange(this.options, signal, encodingOf(head.contentType), packingOf(head.contentEncoding));
  }

  refuse(error: unknown, head: RequestHead | null): Answer {
    const refusal = this.asRefusal(error);
    const encoding = knownEncoding(head?.contentType ?? null) ?? 'json';
    this.refusals += 1; // not all at once: each in its turn is told another second
    const retry: Record<string, number> = refusal.retryable ? { 'retry-after': 1 + (this.refusals % 5) } : {};
    const headers = { 'content-type': contentTypes[encoding], ...refusal.headers, ...retry };
    return { status: refusal.status, headers, body: refusedAnswer(refusal.status, refusal.message, encoding) };
  }

  private checkGate(): void {
    const { gate, busy } = this.options;
    if (gate.state === 'stopping') throw new RefusedRequest(503, 'the server is stopping', true);
    if (gate.state === 'overloaded' || busy()) throw new RefusedRequest(503, 'the server cannot keep up', true);
  }

  private checkToken(head: RequestHead): void {
    const admission = this.options.authorize(bearerOf(head.authorization));
    if (admission === 'welcome') return;
    if (admission === 'without the scope') throw new RefusedRequest(403, 'this token has not the scope ingest');
    throw new RefusedRequest(401, 'a token with the scope ingest is needed', false, { 'www-authenticate': 'Bearer' });
  }

  private asRefusal(error: unknown): RefusedRequest {
    if (error instanceof RefusedRequest) return error;
    if (error instanceof MalformedOtlpError) return new RefusedRequest(400, error.message);
    this.options.onBug(error);
    return new RefusedRequest(500, 'an error that is ours; it has been logged');
  }
}

class OtlpExchange implements Exchange {
  private readonly reservation: Reservation;

  constructor(
    private readonly options: ReceiverOptions,
    private readonly signal: Signal,
    private readonly encoding: Encoding,
    private readonly packing: Packing,
  ) {
    this.reservation = options.gate.reservation();
  }

  hold(bytes: number): void {
    if (!this.reservation.add(bytes)) throw new RefusedRequest(429, 'too many bytes are being received at once', true);
  }

  respond(body: Buffer): Answer {
    const { signal, encoding, packing, options } = this;
    const { maxDecodedBytes } = options.limits;
    this.hold(claimedBytes(body, packing, maxDecodedBytes));
    const unpacked = unpack(body, packing, maxDecodedBytes);
    try {
      const receipt = options.record(signal, encoding, unpacked.bytes);
      return { status: 200, headers: { 'content-type': contentTypes[encoding] }, body: acceptedAnswer(signal, encoding, receipt) };
    } finally {
      unpacked.free();
    }
  }

  release(): void {
    this.reservation.release();
  }
}

function signalOf({ path, method }: RequestHead): Signal {
  const signal = Object.hasOwn(signals, path) ? signals[path] : undefined;
  if (signal === undefined) throw new RefusedRequest(404, 'OTLP is received at /v1/traces, /v1/metrics and /v1/logs');
  if (method !== 'POST') throw new RefusedRequest(405, 'only POST', false, { allow: 'POST' });
  return signal;
}

function bearerOf(authorization: string | null): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return token ?? null;
}

function encodingOf(contentType: string | null): Encoding {
  const encoding = knownEncoding(contentType);
  if (encoding === null) throw new RefusedRequest(415, 'the content type must be application/x-protobuf or application/json');
  return encoding;
}

function knownEncoding(contentType: string | null): Encoding | null {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === contentTypes.protobuf) return 'protobuf';
  return type === contentTypes.json ? 'json' : null;
}

function packingOf(contentEncoding: string | null): Packing {
  const name = contentEncoding?.trim().toLowerCase() || 'identity';
  const packing = Object.hasOwn(packings, name) ? packings[name] : undefined;
  if (packing !== undefined) return packing;
  throw new RefusedRequest(415, 'the content encoding must be gzip, zstd or identity', false, {
    'accept-encoding': 'gzip, zstd, identity',
  });
}
