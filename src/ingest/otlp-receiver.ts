import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { acceptedAnswer, contentTypes, refusedAnswer } from './otlp-answer.js';
import type { Encoding, Signal } from './otlp-reader.js';
import type { Receipt } from './part-recorder.js';
import type { ReceivingGate } from './receiving-gate.js';
import { type LastAnswer, letSenderFinish, refuseBytes } from './refuse-bytes.js';
import { RefusedRequest } from './refused-request.js';
import { type BodyLimits, readBody } from './request-body.js';

export interface ReceiverOptions {
  readonly limits: BodyLimits;
  readonly gate: ReceivingGate;
  /** null: the request has no token */
  readonly authorize: (token: string | null) => boolean;
  /** @throws {MalformedOtlpError} */
  readonly record: (signal: Signal, encoding: Encoding, body: Uint8Array) => Receipt;
  /** too much is waiting to be handed over */
  readonly busy: () => boolean;
  readonly onBug: (error: unknown) => void;
}

const signals: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/metrics': 'metrics', '/v1/logs': 'logs' };

const mostHeaders = 100;
const mostHeaderBytes = 16 * 1024;

/**
 * The OTLP/HTTP door: bytes in; 200, 400, 401, 404, 405, 408, 413, 415, 429, 431 or 503 out. It listens to nothing yet.
 *
 * Errors are google.rpc.Status in the request's encoding; 429 and 503 say when to try again.
 */
export function otlpReceiver(options: ReceiverOptions): Server {
  let refusals = 0;
  const server = createServer(
    { maxHeaderSize: mostHeaderBytes, connectionsCheckingInterval: 5_000, requireHostHeader: true },
    (request, response) => {
      receive(request, response, options).catch((error: unknown) => {
        refusals += 1;
        refuse(request, response, asRefusal(error, options), 1 + (refusals % 5));
      });
    },
  );
  server.on('clientError', (error, socket) => refuseBytes(error, socket as Socket, noRequest));
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = 1_024;
  server.maxHeadersCount = 0; // counted below, so that too many are refused and not cut off
  return server;
}

async function receive(request: IncomingMessage, response: ServerResponse, options: ReceiverOptions): Promise<void> {
  const signal = signalOf(request);
  checkGate(options);
  if (request.rawHeaders.length > 2 * mostHeaders) throw new RefusedRequest(431, `more than ${mostHeaders} header fields`);
  if (!options.authorize(bearerOf(request.headers))) {
    throw new RefusedRequest(401, 'a token with the scope ingest is needed', false, { 'www-authenticate': 'Bearer' });
  }
  const encoding = encodingOf(request.headers['content-type']);
  const gzip = isGzip(request.headers['content-encoding']);
  const reservation = options.gate.reservation();
  try {
    const body = await readBody(request, gzip, options.limits, reservation);
    const receipt = options.record(signal, encoding, body);
    answer(response, 200, acceptedAnswer(signal, encoding, receipt), encoding);
  } finally {
    reservation.release();
  }
}

function signalOf({ url = '', method }: IncomingMessage): Signal {
  const path = url.split('?', 1)[0] ?? '';
  const signal = Object.hasOwn(signals, path) ? signals[path] : undefined;
  if (signal === undefined) throw new RefusedRequest(404, 'OTLP is received at /v1/traces, /v1/metrics and /v1/logs');
  if (method !== 'POST') throw new RefusedRequest(405, 'only POST', false, { allow: 'POST' });
  return signal;
}

function checkGate({ gate, busy }: ReceiverOptions): void {
  if (gate.state === 'stopping') throw new RefusedRequest(503, 'the server is stopping', true, { connection: 'close' });
  if (gate.state === 'overloaded' || busy()) throw new RefusedRequest(503, 'the server cannot keep up', true);
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return token ?? null;
}

function encodingOf(contentType: string | undefined): Encoding {
  const encoding = knownEncoding(contentType);
  if (encoding === null) throw new RefusedRequest(415, 'the content type must be application/x-protobuf or application/json');
  return encoding;
}

function knownEncoding(contentType = ''): Encoding | null {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === contentTypes.protobuf) return 'protobuf';
  return type === contentTypes.json ? 'json' : null;
}

function isGzip(contentEncoding = 'identity'): boolean {
  const name = contentEncoding.trim().toLowerCase();
  if (name === 'gzip') return true;
  if (name === 'identity' || name === '') return false;
  throw new RefusedRequest(415, 'the content encoding must be gzip or identity');
}

function asRefusal(error: unknown, { onBug }: ReceiverOptions): RefusedRequest {
  if (error instanceof RefusedRequest) return error;
  if (error instanceof MalformedOtlpError) return new RefusedRequest(400, error.message);
  onBug(error);
  return new RefusedRequest(500, 'an error that is ours; it has been logged');
}

const noRequestBecause: Readonly<Record<number, string>> = {
  408: 'the request took too long to arrive',
  431: `more than ${mostHeaderBytes} bytes of header`,
};

/** For bytes that never became a request; what encoding the sender reads is not known. */
function noRequest(status: number): LastAnswer {
  const message = noRequestBecause[status] ?? 'this is not a request that HTTP knows';
  return { contentType: contentTypes.json, body: refusedAnswer(status, message, 'json') };
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: RefusedRequest, retryAfterSeconds: number): void {
  if (response.destroyed || response.headersSent) return;
  const encoding = knownEncoding(request.headers['content-type']) ?? 'json';
  const retry: Record<string, string> = refusal.retryable ? { 'retry-after': String(retryAfterSeconds) } : {};
  answer(response, refusal.status, refusedAnswer(refusal.status, refusal.message, encoding), encoding, { ...refusal.headers, ...retry });
  if (!request.complete) letSenderFinish(request);
}

function answer(
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  encoding: Encoding,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': contentTypes[encoding], 'content-length': body.length, ...headers });
  response.end(body);
}
