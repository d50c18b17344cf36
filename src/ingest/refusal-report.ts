import { Logger } from '@nestjs/common';
import { countRefusedRequests } from '../telemetry/index.js';
import { RefusalLog } from './refusal-log.js';
import type { Refusals } from './refusals.js';

const lookEveryMs = 1_000;

/** Where refusals of all receiving threads are shown: on `/metrics` and in the log. */
export class RefusalReport {
  private readonly logger = new Logger('ingest');
  private readonly log = new RefusalLog((line) => this.logger.warn(line));
  private timer: NodeJS.Timeout | undefined;

  note(refusals: readonly Refusals[]): void {
    this.timer ??= setInterval(() => this.log.sayDue(performance.now()), lookEveryMs).unref();
    for (const refused of refusals) {
      countRefusedRequests(refused.door, refused.reason, refused.count);
      this.log.note(refused, performance.now());
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
