import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

export interface ConnectionPatience {
  /** without a call so far */
  readonly firstCallMs: number;
  /** without an open call */
  readonly idleMs: number;
}

/** pings between two sweeps, on top of one for each call, that a peer may send to see whether we live */
const mostPings = 20;

/** What is kept of a connection to tell whether it is of use. */
export class GrpcConnection {
  private openCalls = 0;
  private hadCall = false;
  private quietSince = performance.now();
  private pings = 0;

  constructor(readonly session: ServerHttp2Session) {
    session.on('ping', () => this.takePing());
  }

  takeCall(stream: ServerHttp2Stream): void {
    this.openCalls += 1;
    this.hadCall = true;
    this.pings -= 1;
    stream.on('close', () => {
      this.openCalls -= 1;
      this.quietSince = performance.now();
    });
  }

  /** Ends what has been of no use for too long: politely, so that a call that is on its way is sent again elsewhere. */
  sweep(now: number, { firstCallMs, idleMs }: ConnectionPatience): void {
    this.pings = 0;
    if (this.openCalls > 0 || now - this.quietSince <= (this.hadCall ? idleMs : firstCallMs)) return;
    if (this.session.closed)
      this.session.destroy(); // it was told, and may hold a call that it has but half begun
    else this.session.close();
  }

  private takePing(): void {
    this.pings += 1;
    if (this.pings <= mostPings || this.session.destroyed) return;
    this.session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
    this.session.destroy();
  }
}
