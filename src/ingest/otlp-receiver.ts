import { checkGate, checkToken, type ReceiverOptions } from './entrance.js';
import type { Answer, Door, Exchange, RequestHead } from './http1/index.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { acceptedAnswer, contentTypes, refusedAnswer } from './otlp-answer.js';
import type { Encoding, Signal } from './otlp-reader.js';
import type { Reservation } from './receiving-gate.js';
import { RefusedRequest } from './refused-request.js';
import { claimedBytes, isPacking, type Packing, unpack } from './unpack.js';

const signals: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/metrics': 'metrics', '/v1/logs': 'logs' };
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
    checkGate(this.options);
    if (head.fieldCount > mostFields) throw new RefusedRequest(431, `more than ${mostFields} header fields`);
    checkToken(this.options, head.authorization);
    return new OtlpExchange(this.options, signal, encodingOf(head.contentType), packingOf(head.contentEncoding));
  }

  refuse(error: unknown, head: RequestHead | null): Answer {
    const refusal = this.asRefusal(error);
    this.options.onRefused('http', refusal.reason);
    const encoding = knownEncoding(head?.contentType ?? null) ?? 'json';
    this.refusals += 1; // not all at once: each in its turn is told another second
    const retry: Record<string, number> = refusal.retryable ? { 'retry-after': 1 + (this.refusals % 5) } : {};
    const headers = { 'content-type': contentTypes[encoding], ...refusal.headers, ...retry };
    return { status: refusal.status, headers, body: refusedAnswer(refusal.status, refusal.message, encoding) };
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
  if (isPacking(name)) return name;
  throw new RefusedRequest(415, 'the content encoding must be gzip, zstd or identity', false, {
    'accept-encoding': 'gzip, zstd, identity',
  });
}
