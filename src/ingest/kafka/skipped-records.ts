import { countKafkaRecords } from '../../telemetry/index.js';

export type SkipReason = 'malformed' | 'too large' | 'unreadable batch' | 'scattered stream' | 'gone' | 'unexpected';

const mostSaid = 20;
const perMs = 60_000;

/** Counts records that are left out, and names them; a flood of them is summed up. */
export class SkippedRecords {
  private said = 0;
  private unsaid = 0;
  private since = 0;

  constructor(private readonly say: (message: string) => void) {}

  add(reason: SkipReason, where: string, detail: string, records = 1): void {
    countKafkaRecords('skipped', records, reason);
    const now = Date.now();
    if (now - this.since >= perMs) this.begin(now);
    if (this.said >= mostSaid) this.unsaid += records;
    else {
      this.said += 1;
      this.say(`${where} is left out (${reason}): ${detail.slice(0, 300)}`);
    }
  }

  private begin(now: number): void {
    if (this.unsaid > 0) this.say(`${this.unsaid} more records were left out in the minute before`);
    [this.said, this.unsaid, this.since] = [0, 0, now];
  }
}
