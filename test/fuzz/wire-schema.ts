import protobuf from 'protobufjs';

/**
 * The fields of OTLP that Assay reads, for a decoder that is not ours; all others are unknown to it, as they are to us.
 *
 * Texts are bytes, so that invalid UTF-8 is compared and not refused. What is read lazily (attributes), or of which Assay reads every
 * occurrence for itself (the data of a metric), is kept apart: `expected-*.ts` says what it means.
 */
const definition = `
syntax = "proto3";
message KeyValue { repeated bytes key = 1; repeated bytes value = 2; }
message Resource { repeated bytes attributes = 1; }
message Scope { bytes name = 1; bytes version = 2; repeated bytes attributes = 3; }

message Traces { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { repeated Span spans = 2; }
message Span { bytes trace_id = 1; bytes span_id = 2; bytes name = 5; int32 kind = 6; fixed64 start = 7; fixed64 end = 8;
  repeated bytes attributes = 9; Status status = 15; }
message Status { int32 code = 3; }

message Logs { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message ScopeLogs { repeated LogRecord log_records = 2; }
message LogRecord { fixed64 time = 1; int32 severity_number = 2; bytes severity_text = 3; repeated bytes attributes = 6; fixed64 observed = 11; }

message Metrics { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Metric { bytes name = 1; repeated Numbers gauge = 5; repeated Numbers sum = 7; repeated Histogram histogram = 9;
  repeated Exponential exponential = 10; repeated Summary summary = 11; }
message Numbers { repeated NumberPoint points = 1; int32 temporality = 2; bool monotonic = 3; }
message NumberPoint { fixed64 start = 2; fixed64 time = 3; oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated bytes attributes = 7; uint32 flags = 8; }
message Histogram { repeated HistogramPoint points = 1; int32 temporality = 2; }
message HistogramPoint { fixed64 start = 2; fixed64 time = 3; fixed64 count = 4; optional double sum = 5; repeated fixed64 bucket_counts = 6;
  repeated double bounds = 7; repeated bytes attributes = 9; uint32 flags = 10; }
message Exponential { repeated ExponentialPoint points = 1; int32 temporality = 2; }
message ExponentialPoint { repeated bytes attributes = 1; fixed64 start = 2; fixed64 time = 3; fixed64 count = 4; optional double sum = 5;
  sint32 scale = 6; fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9; uint32 flags = 10; }
message Buckets { sint32 offset = 1; repeated uint64 counts = 2; }
message Summary { repeated SummaryPoint points = 1; }
message SummaryPoint { fixed64 start = 2; fixed64 time = 3; fixed64 count = 4; double sum = 5; repeated bytes attributes = 7; uint32 flags = 8; }
`;

const { root } = protobuf.parse(definition);

/** What the other decoder makes of a request; `name` is one of the schema. @throws {Error} it cannot be read */
export function decoded<Message>(name: string, bytes: Uint8Array): Message {
  return root.lookupType(name).decode(bytes) as unknown as Message;
}

/** 64 bits as protobufjs has them. */
export type Long64 = number | { readonly low: number; readonly high: number; readonly unsigned?: boolean };

export function bits(value: Long64 | null | undefined): bigint {
  if (value === null || value === undefined) return 0n;
  if (typeof value === 'number') return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}
