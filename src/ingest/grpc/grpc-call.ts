import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { checkGate, checkToken, type ReceiverOptions } from '../entrance.js';
import type { BodyPool } from '../http1/index.js';
import { MalformedOtlpError } from '../malformed-otlp-error.js';
import { acceptedAnswer } from '../otlp-answer.js';
import type { Signal } from '../otlp-reader.js';
import type { Reservation } from '../receiving-gate.js';
import { RefusedRequest } from '../refused-request.js';
import { isPacking, type Packing, unpack } from '../unpack.js';
import { RefusedCall, refusedCall, statusHeaders } from './grpc-status.js';
import { IncomingMessage, tooMuchAtOnce } from './incoming-message.js';
import type { YoungMemory } from './young-memory.js';

const signals = new Map<unknown, Signal>([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
]);

const answerHead: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };
/** what a call costs before its first byte, counted among the bytes in flight so that empty ones have an end, too */
const bytesOfCall = 4096;

/** What all calls of a thread share. */
export interface CommonToCalls {
  readonly pool: BodyPool;
  readonly young: YoungMemory;
  /** how long a call may take in all */
  readonly callMs: number;
  /** what a refused one is told */
  readonly retryAfterSeconds: () => number;
}

/** One call: taken or refused, and in any case over within the time that it has. */
export class GrpcCall {
  private readonly reservation: Reservation;
  private readonly deadline: NodeJS.Timeout;
  private message: IncomingMessage | null = null;
  private answered = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly options: ReceiverOptions,
    private readonly common: CommonToCalls,
  ) {
    const { callMs } = common;
    this.reservation = options.gate.reservation();
    this.deadline = setTimeout(() => this.cut(callMs), callMs);
    stream.on('error', () => undefined); // what follows is always 'close'
    stream.on('close', () => {
      clearTimeout(this.deadline);
      this.forget();
    });
  }

  /** @param headers  those it began with */
  receive(headers: IncomingHttpHeaders): void {
    const foreign = statusUnlessGrpc(headers);
    if (foreign === null) {
      this.orRefuse(() => this.take(headers));
      return;
    }
    this.options.onRefused('grpc', 'unsupported');
    this.end({ ':status': foreign });
  }

  private take(headers: IncomingHttpHeaders): void {
    const { stream, options, reservation } = this;
    const signal = signals.get(headers[':path']);
    if (signal === undefined) throw unknownMethod();
    checkGate(options);
    checkToken(options, headers.authorization ?? null);
    const packing = packingOf(headers);
    if (!reservation.add(bytesOfCall)) throw tooMuchAtOnce();
    const message = new IncomingMessage(options.limits.maxBodyBytes, reservation, this.common.pool);
    this.message = message;
    stream.on('data', (piece: Buffer) => {
      this.common.young.count(piece.length);
      this.orRefuse(() => message.add(piece));
    });
    stream.on('end', () => this.orRefuse(() => this.accept(this.read(signal, message, packing))));
  }

  /** Unpacked, read and forgotten in one step: beyond what is reserved a thread holds one unpacked message at most. */
  private read(signal: Signal, message: IncomingMessage, packing: Packing): Uint8Array {
    const { limits, record } = this.options;
    const { packed, bytes } = message.end();
    if (packed && packing === 'identity') throw new RefusedCall('internal', 'the message is packed and grpc-encoding does not say how');
    const body = unpack(bytes, packed ? packing : 'identity', limits.maxDecodedBytes);
    try {
      return acceptedAnswer(signal, 'protobuf', record(signal, 'protobuf', body.bytes));
    } finally {
      body.free();
    }
  }

  private accept(answer: Uint8Array): void {
    this.answered = true;
    this.forget();
    const { stream } = this;
    if (stream.closed || stream.destroyed) return; // it was counted; sent again it is known
    stream.respond(answerHead, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(answer.length, 1);
    stream.end(Buffer.concat([prefix, answer]));
  }

  private forget(): void {
    this.message?.forget();
    this.message = null;
    this.reservation.release();
  }

  private orRefuse(step: () => void): void {
    if (this.answered) return;
    try {
      step();
    } catch (error) {
      this.refuse(asRefusal(error, this.options));
    }
  }

  private refuse(refusal: RefusedCall): void {
    this.options.onRefused('grpc', refusal.reason);
    this.end({ ...answerHead, ...statusHeaders(refusal, this.common.retryAfterSeconds()) });
  }

  private end(headers: OutgoingHttpHeaders): void {
    this.answered = true;
    this.forget();
    const { stream } = this;
    if (stream.closed || stream.destroyed) return;
    stream.respond(headers, { endStream: true });
    stream.removeAllListeners('data').resume();
    stream.close(constants.NGHTTP2_NO_ERROR); // the sender need not go on
  }

  /** Neither a slow sender nor one that does not read its answer keeps a call open. */
  private cut(afterMs: number): void {
    this.orRefuse(() => {
      throw new RefusedCall('deadline exceeded', `the call took longer than ${afterMs / 1000} s`);
    });
    setTimeout(() => this.stream.destroy(), lastAnswerMs).unref();
  }
}

const lastAnswerMs = 1_000;

/** @returns the HTTP status for what is no call of gRPC; null: it is one */
function statusUnlessGrpc({ ':method': method, 'content-type': contentType = '' }: IncomingHttpHeaders): number | null {
  if (!/^application\/grpc(\+proto)?(;|$)/.test(contentType)) return 415;
  return method === 'POST' ? null : 405;
}

const unknownMethod = (): RefusedCall =>
  new RefusedCall('unimplemented', 'there are the Export methods of OTLP for traces, metrics and logs', false, {}, 'unknown-path');

/** What `grpc-encoding` names. @throws {RefusedCall} naming what there is */
function packingOf({ 'grpc-encoding': encoding = 'identity' }: IncomingHttpHeaders): Packing {
  if (typeof encoding === 'string' && isPacking(encoding)) return encoding;
  throw new RefusedCall('unimplemented', 'messages may be packed with gzip or zstd', false, {
    'grpc-accept-encoding': 'identity,gzip,zstd',
  });
}

function asRefusal(error: unknown, { onBug }: ReceiverOptions): RefusedCall {
  if (error instanceof RefusedCall) return error;
  if (error instanceof MalformedOtlpError) return new RefusedCall('invalid argument', error.message);
  if (error instanceof RefusedRequest) return refusedCall(error);
  onBug(error);
  return new RefusedCall('internal', 'an error that is ours; it has been logged', false, {}, 'bug');
}
