import protobuf from 'protobufjs';

/** The parts of Prometheus' exposition format (io.prometheus.client) that a native histogram needs. */
const { root } = protobuf.parse(`
  syntax = "proto2";
  message LabelPair { optional string name = 1; optional string value = 2; }
  message BucketSpan { optional sint32 offset = 1; optional uint32 length = 2; }
  message Histogram {
    optional uint64 sample_count = 1; optional double sample_sum = 2; optional sint32 schema = 5;
    optional double zero_threshold = 6; optional uint64 zero_count = 7;
    repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13;
  }
  message Metric { repeated LabelPair label = 1; optional Histogram histogram = 7; }
  message MetricFamily { optional string name = 1; optional string help = 2; optional int32 type = 3; repeated Metric metric = 4; }
`);
const family = root.lookupType('MetricFamily');

export const nativeContentType = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

/**
 * A page with one native histogram, as a client of Prometheus writes it.
 *
 * @param counts  of the buckets from `firstIndex` on; bucket i of Prometheus ends at 2^(i · 2^-schema)
 */
export function nativeHistogramPage(
  name: string,
  {
    schema,
    zeroCount,
    firstIndex,
    counts,
    sum,
  }: { schema: number; zeroCount: number; firstIndex: number; counts: readonly number[]; sum: number },
): Uint8Array {
  const histogram = {
    sampleCount: counts.reduce((total, count) => total + count, zeroCount),
    sampleSum: sum,
    schema,
    zeroThreshold: 1e-9,
    zeroCount,
    positiveSpan: [{ offset: firstIndex, length: counts.length }],
    positiveDelta: counts.map((count, i) => count - (counts[i - 1] ?? 0)),
  };
  return family.encodeDelimited(family.create({ name, help: name, type: 4, metric: [{ histogram }] })).finish();
}
