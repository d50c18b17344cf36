import type { OutgoingHttpHeaders } from 'node:http2';
import type { RefusalReason } from '../refusals.js';
import type { RefusedRequest } from '../refused-request.js';

/** Numbers of google.rpc.Code, as far as this door answers with them. */
const codes = {
  ok: 0,
  'invalid argument': 3,
  'deadline exceeded': 4,
  'permission denied': 7,
  'resource exhausted': 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type GrpcCode = keyof typeof codes;

/** Where nothing else is said. */
const reasons: Readonly<Record<Exclude<GrpcCode, 'ok'>, RefusalReason>> = {
  'invalid argument': 'malformed',
  'deadline exceeded': 'slow',
  'permission denied': 'forbidden',
  'resource exhausted': 'too-large',
  unimplemented: 'unsupported',
  internal: 'malformed',
  unavailable: 'overloaded',
  unauthenticated: 'unauthenticated',
};

/** A call that is answered with an error status. */
export class RefusedCall extends Error {
  constructor(
    readonly code: Exclude<GrpcCode, 'ok'>,
    message: string,
    /** the same call may be accepted later: the answer says when to try again */
    readonly retryable = false,
    readonly headers: OutgoingHttpHeaders = {},
    readonly reason: RefusalReason = reasons[code],
  ) {
    super(message);
    this.name = 'RefusedCall';
  }
}

/** Of google.rpc.Code what HTTP says with a status; what both doors refuse is written in the words of HTTP. */
const codeOfStatus: Readonly<Record<number, RefusedCall['code']>> = {
  400: 'invalid argument',
  401: 'unauthenticated',
  403: 'permission denied',
  413: 'resource exhausted',
  503: 'unavailable',
};

export const refusedCall = ({ status, message, retryable, reason }: RefusedRequest): RefusedCall =>
  new RefusedCall(codeOfStatus[status] ?? 'invalid argument', message, retryable, {}, reason);

/** Clients need not take more than some KiB of header, and the message is in it twice. */
const longestMessage = 1024;
const retryInfo = 'type.googleapis.com/google.rpc.RetryInfo';

/** How a refusal is written into the last headers of a call. @param retryAfterSeconds  under 128 */
export function statusHeaders({ code, message, retryable, headers }: RefusedCall, retryAfterSeconds: number): OutgoingHttpHeaders {
  const short = message.slice(0, longestMessage);
  const details = retryable ? { 'grpc-status-details-bin': withRetryInfo(code, short, retryAfterSeconds) } : {};
  return { 'grpc-status': String(codes[code]), 'grpc-message': percentEncoded(short), ...details, ...headers };
}

/** google.rpc.Status with the one detail that makes exporters wait and try again; base64, as headers that end in -bin are. */
function withRetryInfo(code: GrpcCode, message: string, seconds: number): string {
  const duration = [0x08, seconds];
  const delay = field(1, duration);
  const detail = [...field(1, bytesOf(retryInfo)), ...field(2, delay)];
  return Buffer.from([0x08, codes[code], ...field(2, bytesOf(message)), ...field(3, detail)]).toString('base64');
}

const bytesOf = (text: string): number[] => [...Buffer.from(text, 'utf8')];

function field(number: number, bytes: readonly number[]): number[] {
  const { length } = bytes;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return [(number << 3) | 2, ...size, ...bytes];
}

/** As gRPC writes messages: bytes of UTF-8, all but printable ASCII as %XX. */
function percentEncoded(text: string): string {
  return bytesOf(text)
    .map((byte) => (byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${hex(byte)}`))
    .join('');
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
