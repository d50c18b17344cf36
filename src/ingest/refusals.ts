export type DoorName = 'http' | 'grpc';

/** Why requests were refused, as `/metrics` and the log name it, and what whoever operates the server or its senders can do. */
export const repairs = {
  malformed: 'the sender speaks no OTLP, or something between cuts or changes its requests',
  unauthenticated: 'the sender has no token, or one that is not in the file that ASSAY_TOKENS_FILE names: make it with `assay token new`',
  forbidden: 'add the scope ingest to the token in the file that ASSAY_TOKENS_FILE names, or use one that has it',
  'unknown-path': 'senders post to /v1/traces, /v1/metrics, /v1/logs, or call Export of OTLP; check their endpoint',
  slow: 'the network or the sender is slow; ASSAY_OTLP_REQUEST_TIMEOUT and ASSAY_OTLP_HEADER_TIMEOUT say how long a request may take',
  'too-large': 'make batches of the sender smaller, or raise ASSAY_OTLP_MAX_BODY_BYTES or ASSAY_OTLP_MAX_DECODED_BYTES',
  unsupported: 'the sender must use protobuf or JSON, packed with gzip, zstd or not at all',
  'too-much-at-once': 'more is under way than ASSAY_OTLP_MAX_BYTES_IN_FLIGHT: raise it if there is memory, or send less at once',
  'head-too-long': 'the sender, or a proxy before it, adds more header than 16 KiB or 100 fields',
  overloaded: 'the store does not answer or its disk is full, or memory is short: see the lines before and docs/ingest.md',
  stopping: 'nothing: this server is being stopped, and senders try again',
  'too-many-connections': 'raise ASSAY_OTLP_MAX_CONNECTIONS, or let senders share a Collector',
  bug: 'an error of ours: it is in the log before this line',
} as const;

export type RefusalReason = keyof typeof repairs;

/** Requests refused for one reason at one door. */
export interface Refusals {
  readonly door: DoorName;
  readonly reason: RefusalReason;
  readonly count: number;
}

const reasons: Readonly<Record<number, RefusalReason>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'unknown-path',
  405: 'unknown-path',
  408: 'slow',
  413: 'too-large',
  429: 'too-much-at-once',
  431: 'head-too-long',
  500: 'bug',
  503: 'overloaded',
};

export const reasonOfStatus = (status: number): RefusalReason => reasons[status] ?? 'unsupported';

/** Counts refusals, until they are fetched. */
export class RefusalTally {
  private counts = new Map<string, Refusals>();

  add({ door, reason, count }: Refusals): void {
    const key = `${door} ${reason}`;
    this.counts.set(key, { door, reason, count: count + (this.counts.get(key)?.count ?? 0) });
  }

  /** What was counted since the last time. */
  take(): Refusals[] {
    if (this.counts.size === 0) return [];
    const taken = [...this.counts.values()];
    this.counts = new Map();
    return taken;
  }
}
