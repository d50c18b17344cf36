import { createServer, type Http2Server, type Http2Session, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, ListenOptions } from 'node:net';
import type { ReceiverOptions } from '../entrance.js';
import { BodyPool } from '../http1/index.js';
import { GrpcCall } from './grpc-call.js';
import { type ConnectionPatience, GrpcConnection } from './grpc-connection.js';
import { YoungMemory } from './young-memory.js';

/** How long peers may take. */
export interface GrpcPatience extends ConnectionPatience {
  /** a call, from its headers until its answer is read */
  readonly callMs: number;
  /** calls that are open at the stop */
  readonly stopMs: number;
  /** how often connections are looked through */
  readonly sweepMs: number;
}

const usual: GrpcPatience = { callMs: 60_000, firstCallMs: 10_000, idleMs: 180_000, stopMs: 5_000, sweepMs: 5_000 };

/** bytes that a peer may send ahead of what was read, in a call and in all calls of a connection */
const windowBytes = 2 ** 20;

/**
 * The OTLP/gRPC door: the three Export methods, over HTTP/2 without TLS. It listens to nothing until it is told to.
 *
 * Written on node:http2 and not on a gRPC library: a call has no more in it than one message and one status, and every
 * byte must be reserved as it comes, where a library hands over messages when they are complete and unpacked.
 */
export class GrpcReceiver {
  private readonly server: Http2Server;
  private readonly connections = new Map<Http2Session, GrpcConnection>();
  private readonly patience: GrpcPatience;
  private sweeper: NodeJS.Timeout | undefined;
  private refusals = 0;

  constructor(options: ReceiverOptions, patience: Partial<GrpcPatience> = {}) {
    this.patience = { ...usual, ...patience };
    this.server = createServer({
      settings: { enablePush: false, initialWindowSize: windowBytes, maxConcurrentStreams: 64, maxHeaderListSize: 16 * 1024 },
      maxHeaderListPairs: 100,
      maxSessionInvalidFrames: 100,
      streamResetBurst: 500, // a peer that keeps opening calls and taking them back is cut off (CVE-2023-44487)
      streamResetRate: 50,
    });
    const retryAfterSeconds = (): number => 1 + (this.refusals++ % 5);
    const common = { pool: new BodyPool(), young: new YoungMemory(), callMs: this.patience.callMs, retryAfterSeconds };
    this.server.maxConnections = 1_024;
    this.server.on('session', (session: ServerHttp2Session) => this.accept(session));
    this.server.on('stream', (stream, headers) => {
      this.connections.get(stream.session as Http2Session)?.takeCall(stream);
      new GrpcCall(stream, options, common).receive(headers);
    });
    for (const event of ['sessionError', 'clientError']) this.server.on(event, () => undefined); // the connection is over
  }

  /** @returns the port */
  async listen(where: ListenOptions): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(where, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    this.sweeper = setInterval(() => this.sweep(), this.patience.sweepMs).unref();
    return (this.server.address() as AddressInfo).port;
  }

  /** Answers the calls that are open, takes no others. */
  async stop(): Promise<void> {
    clearInterval(this.sweeper);
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.connections.keys()) session.close();
    const cut = setTimeout(() => {
      for (const session of this.connections.keys()) session.destroy();
    }, this.patience.stopMs);
    await closed;
    clearTimeout(cut);
  }

  private accept(session: ServerHttp2Session): void {
    this.connections.set(session, new GrpcConnection(session));
    session.on('close', () => this.connections.delete(session));
    session.on('error', () => undefined); // what follows is always 'close'
    session.setLocalWindowSize(windowBytes);
  }

  private sweep(): void {
    const now = performance.now();
    for (const connection of this.connections.values()) connection.sweep(now, this.patience);
  }
}
