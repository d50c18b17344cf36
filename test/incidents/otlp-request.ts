/** The part of OTLP that the incidents need, in its JSON form: 64-bit integers are strings, ids are hex. */

export interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

export interface Resource {
  readonly attributes: readonly KeyValue[];
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly code?: number };
}

export interface NumberPoint {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asInt: string;
}

export interface GaugePoint {
  readonly attributes: readonly KeyValue[];
  readonly timeUnixNano: string;
  readonly asDouble: number;
}

export interface HistogramPoint {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly count: string;
  readonly sum: number;
  readonly bucketCounts: readonly string[];
  readonly explicitBounds: readonly number[];
}

export interface ExponentialHistogramPoint {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly count: string;
  readonly sum: number;
  readonly scale: number;
  readonly zeroCount: string;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly string[] };
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly GaugePoint[] };
  readonly sum?: { readonly dataPoints: readonly NumberPoint[]; readonly aggregationTemporality: number; readonly isMonotonic: boolean };
  readonly histogram?: { readonly dataPoints: readonly HistogramPoint[]; readonly aggregationTemporality: number };
  readonly exponentialHistogram?: { readonly dataPoints: readonly ExponentialHistogramPoint[]; readonly aggregationTemporality: number };
}

export interface TraceRequest {
  readonly resourceSpans: readonly { readonly resource: Resource; readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

export interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: Resource;
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

export const attribute = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

/** Who sent it, as the instrumented service would say it. */
export const resourceOf = (service: string, version: string, pod: string): Resource => ({
  attributes: [attribute('service.name', service), attribute('service.version', version), attribute('k8s.pod.name', pod)],
});

/** Moment `offsetNanos` after `startAt` (milliseconds since the epoch), as OTLP writes it. */
export const unixNano = (startAt: number, offsetNanos: number): string => String(BigInt(startAt) * 1_000_000n + BigInt(offsetNanos));

/** Requests as lines, as the OpenTelemetry Collector's file exporter writes them. */
export function otlpJsonLines(requests: Iterable<TraceRequest | MetricsRequest>): string {
  return [...requests].map((request) => `${JSON.stringify(request)}\n`).join('');
}
