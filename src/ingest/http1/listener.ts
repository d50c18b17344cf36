import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { BodyPool } from './body-pool.js';
import { Connection } from './connection.js';
import type { Door, LineLimits } from './exchange.js';
import { readInto } from './read-into.js';

export interface ListenOptions {
  readonly host: string;
  /** 0: any */
  readonly port: number;
  /** other listeners of this process share the port */
  readonly reusePort: boolean;
}

/** Counts open lines, perhaps together with other listeners. */
export interface LineCount {
  /** @returns false: there are too many, and this one is not let in */
  enter(): boolean;
  leave(): void;
}

/** as much as a body of a Collector has, so that most come in one read and are read where they lie */
const readAtOnceBytes = 2 ** 20;

/**
 * Listens for HTTP/1.1, as much of it as senders of telemetry speak: requests with an announced or a chunked body,
 * one after the other on lines that stay open. Bodies come whole, in memory that is used again.
 */
export class Listener {
  private readonly server: Server;
  private readonly lines = new Set<Connection>();
  private readonly shared = Buffer.allocUnsafeSlow(readAtOnceBytes);
  private readonly pool = new BodyPool();
  private sweep: NodeJS.Timeout | undefined;
  private onEmpty: (() => void) | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly door: Door,
    private readonly limits: LineLimits,
    private readonly count: LineCount,
  ) {
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => this.accept(socket));
  }

  /** @returns the port. Rejects where it cannot be had. */
  async listen({ host, port, reusePort }: ListenOptions): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, reusePort }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    this.server.on('error', () => undefined); // of one that could not be accepted, because there are too many files open
    const shortest = Math.min(this.limits.headMs, this.limits.requestMs, this.limits.patienceMs);
    this.sweep = setInterval(() => this.checkTimes(), Math.min(1_000, shortest / 2)).unref();
    return (this.server.address() as AddressInfo).port;
  }

  /** Answers what has begun and takes nothing more; cuts what is not done after so long. */
  async stop(patienceMs: number): Promise<void> {
    this.server.close();
    const empty = new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
    if (this.lines.size === 0) this.onEmpty?.();
    for (const line of this.lines) line.finishUp();
    const cut = setTimeout(() => this.cutAll(), patienceMs);
    await empty;
    clearTimeout(cut);
    clearInterval(this.sweep);
  }

  private accept(accepted: Socket): void {
    if (!this.count.enter()) {
      accepted.destroy();
      return;
    }
    const socket = readInto(accepted, this.shared, (bytes) => connection.take(bytes));
    const connection = new Connection(socket, this.door, this.limits, this.pool);
    this.lines.add(connection);
    this.sockets.add(socket);
    socket.on('drain', () => socket.resume());
    socket.on('end', () => connection.end());
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => this.forget(connection, socket));
  }

  private forget(connection: Connection, socket: Socket): void {
    connection.forget();
    this.lines.delete(connection);
    this.sockets.delete(socket);
    this.count.leave();
    if (this.lines.size === 0) this.onEmpty?.();
  }

  private checkTimes(): void {
    const now = performance.now();
    for (const line of this.lines) line.checkTime(now);
  }

  private cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
