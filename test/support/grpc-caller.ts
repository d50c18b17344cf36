import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { decodeOtlp } from './otlp-proto.js';

export const exportTraces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
export const exportMetrics = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
export const exportLogs = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

export interface GrpcReply {
  readonly httpStatus: number;
  /** number of google.rpc.Code; NaN where none came */
  readonly status: number;
  readonly message: string;
  /** what a google.rpc.RetryInfo says; null: there is none */
  readonly retrySeconds: number | null;
  /** the message of the answer without its prefix */
  readonly answer: Buffer;
  /** with what code the stream was closed */
  readonly closedWith: number;
  readonly headers: IncomingHttpHeaders;
}

/** A message as it goes over the line. */
export function framed(message: Uint8Array, packed = false): Buffer {
  const prefix = Buffer.from([packed ? 1 : 0, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** A connection without any client's own ideas about messages and retries. */
export class GrpcCaller {
  readonly session: ClientHttp2Session;
  /** has the other side ended it? */
  ended: Promise<void>;

  constructor(port: number) {
    this.session = connect(`http://127.0.0.1:${port}`);
    this.session.on('error', () => undefined);
    this.ended = new Promise((resolve) => this.session.on('close', () => resolve()));
  }

  open(path: string, headers: Readonly<Record<string, string>> = {}): ClientHttp2Stream {
    const stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => undefined);
    return stream;
  }

  async call(path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<GrpcReply> {
    const stream = this.open(path, headers);
    stream.end(body);
    return replyOf(stream);
  }

  close(): void {
    this.session.destroy();
  }
}

/** What comes back on a stream, once it is closed. */
export function replyOf(stream: ClientHttp2Stream): Promise<GrpcReply> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let all: IncomingHttpHeaders = {};
    for (const event of ['response', 'trailers'] as const) {
      stream.on(event, (headers: IncomingHttpHeaders) => {
        all = { ...all, ...headers };
      });
    }
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('close', () => {
      const answer = Buffer.concat(pieces);
      resolve({
        httpStatus: Number(all[':status']),
        status: Number(all['grpc-status'] ?? Number.NaN),
        message: decodeURIComponent(String(all['grpc-message'] ?? '')),
        retrySeconds: retrySecondsOf(all['grpc-status-details-bin']),
        answer: answer.subarray(5),
        closedWith: stream.rstCode,
        headers: all,
      });
    });
  });
}

function retrySecondsOf(details: string | string[] | undefined): number | null {
  if (details === undefined) return null;
  const status = decodeOtlp('RpcStatus', Buffer.from(String(details), 'base64')) as {
    details?: { typeUrl: string; value: string }[];
  };
  const retry = status.details?.find(({ typeUrl }) => typeUrl === 'type.googleapis.com/google.rpc.RetryInfo');
  if (retry === undefined) return null;
  const { delay } = decodeOtlp('RetryInfo', Buffer.from(retry.value, 'base64')) as { delay: { seconds: string } };
  return Number(delay.seconds);
}
