import type { Generated } from 'kysely';

/** Documents are text, not jsonb: jsonb reorders keys, drops −0 and refuses NUL, and a replay must read what was written. */
export interface RunTable {
  id: string;
  state: string;
  mode: string;
  template_name: string;
  template_hash: string;
  /** what never changes about a run */
  document: string;
  phase_changes: string;
  /** `["key","value"]` per label */
  labels: string[];
  /** runs in state running differ in it; null: may stand beside any other */
  open_key: string | null;
  looks: number;
  verdict: string | null;
  decision: string | null;
  code: string | null;
  final: boolean;
  created_at: Date;
  finished_at: Date | null;
}

export interface IdempotencyKeyTable {
  key: string;
  request_hash: string;
  run_id: string;
  created_at: Date;
}

export interface LookTable {
  run_id: string;
  sequence: number;
  at: Date;
  final: boolean;
  verdict: string;
  measured: string | null;
  created_at: Generated<Date>;
}

export interface ClosedWindowTable {
  service: string;
  from_ms: number;
  to_ms: number;
  /** raw deflate of the window's JSON */
  packed: Buffer;
  created_at: Generated<Date>;
}

/** Replicas that read one log together, and how far their windows are closed. */
export interface StreamGroupTable {
  name: string;
  closed_through_ms: number;
}

export interface StreamProgressTable {
  group_name: string;
  topic: string;
  partition: number;
  /** the first record that is not stored; -1: nobody has begun */
  next_offset: number;
  /** everything that the log got before this moment is stored */
  complete_until_ms: number;
  updated_at: Generated<Date>;
}

/** What some records of a log add to a window that is still open. */
export interface StreamWindowPartTable {
  id: Generated<number>;
  group_name: string;
  service: string;
  from_ms: number;
  to_ms: number;
  packed: Buffer;
}

export interface BaselineHistoryTable {
  run_id: string;
  /** raw deflate of the measured windows' JSON */
  packed: Buffer;
  created_at: Generated<Date>;
}

export interface EndpointTable {
  id: string;
  channel: string;
  url: string | null;
  url_ref: string | null;
  secret_ref: string | null;
  events: string[];
  description: string;
  enabled: boolean;
  disabled_reason: string | null;
  /** first failure since the last success */
  failing_since: Date | null;
  created_at: Date;
  deleted_at: Date | null;
  /** JSON */
  options: string;
  /** JSON */
  rules: string;
}

export interface EventTable {
  id: string;
  type: string;
  run_id: string;
  at: Date;
  body: string;
  created_at: Generated<Date>;
}

export interface DeliveryTable {
  id: string;
  /** order in which one endpoint hears about one run */
  position: Generated<number>;
  event_id: string;
  endpoint_id: string;
  run_id: string;
  state: string;
  lane: string;
  /** attempts made in this lane; decides the next delay */
  lane_attempts: Generated<number>;
  attempts: Generated<number>;
  due_at: Date;
  claim: string | null;
  claimed_until: Date | null;
  replay_of: string | null;
  created_at: Date;
  finished_at: Date | null;
}

export interface DeliveryAttemptTable {
  delivery_id: string;
  number: number;
  at: Date;
  status: number | null;
  duration_ms: number;
  error: string | null;
  snippet: string | null;
}

export interface ForeignDocumentTable {
  /** `kayenta/canary-config` */
  collection: string;
  id: string;
  label: string;
  body: string;
  created_at: Date;
  updated_at: Date;
}

export interface Tables {
  run: RunTable;
  idempotency_key: IdempotencyKeyTable;
  look: LookTable;
  closed_window: ClosedWindowTable;
  stream_group: StreamGroupTable;
  stream_progress: StreamProgressTable;
  stream_window_part: StreamWindowPartTable;
  baseline_history: BaselineHistoryTable;
  endpoint: EndpointTable;
  event: EventTable;
  delivery: DeliveryTable;
  delivery_attempt: DeliveryAttemptTable;
  foreign_document: ForeignDocumentTable;
}
