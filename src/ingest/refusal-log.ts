import { type Refusals, repairs } from './refusals.js';

const betweenLinesMs = 60_000;

interface Line {
  refusals: Refusals;
  saidAt: number;
}

/** Tells the operator that senders are refused, and what to do: at once, and then once a minute for each door and reason. */
export class RefusalLog {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly say: (line: string) => void) {}

  /** @param now  milliseconds of a clock that nobody sets back */
  note(refusals: Refusals, now: number): void {
    const key = `${refusals.door} ${refusals.reason}`;
    const line = this.lines.get(key) ?? { refusals: { ...refusals, count: 0 }, saidAt: Number.NEGATIVE_INFINITY };
    line.refusals = { ...refusals, count: line.refusals.count + refusals.count };
    this.lines.set(key, line);
    this.sayDue(now);
  }

  /** Says what has waited for its minute. */
  sayDue(now: number): void {
    for (const line of this.lines.values()) {
      if (line.refusals.count === 0 || now - line.saidAt < betweenLinesMs) continue;
      this.say(inWords(line.refusals));
      line.saidAt = now;
      line.refusals = { ...line.refusals, count: 0 };
    }
  }
}

const doors = { http: 'OTLP/HTTP', grpc: 'OTLP/gRPC' } as const;

function inWords({ door, reason, count }: Refusals): string {
  const requests = count === 1 ? '1 request' : `${count} requests`;
  return `${doors[door]} refused ${requests} since the last such line (${reason}): ${repairs[reason]}`;
}
