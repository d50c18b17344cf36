import { Injectable } from '@nestjs/common';

/** Whether this server is still meant to be asked. Long answers end, and `/readyz` says no, as soon as it is stopping. */
@Injectable()
export class ServerLife {
  private readonly ending = new AbortController();

  /** Fires when the server begins to stop. */
  readonly stopping: AbortSignal = this.ending.signal;

  beginStop(): void {
    this.ending.abort(new Error('the server is stopping'));
  }
}
