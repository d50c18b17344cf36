/** Attributes as OTLP/JSON writes them. */
export function otlpAttributes(attributes: Readonly<Record<string, string | number | boolean>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }));
}

function anyValueOf(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

export interface SpanSample {
  readonly endMs: number;
  readonly durationMs?: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly kind?: number | string;
  readonly status?: number | string;
  readonly id?: number;
  readonly name?: string;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
let nextSpan = 1;

/** One ExportTraceServiceRequest in OTLP/JSON. Spans have ids of their own unless they are given. */
export function tracesOf(resource: Readonly<Record<string, string | number>>, spans: readonly SpanSample[]): object {
  return { resourceSpans: [{ resource: { attributes: otlpAttributes(resource) }, scopeSpans: [{ spans: spans.map(spanOf) }] }] };
}

function spanOf({ endMs, durationMs = 100, attributes = {}, kind = 2, status = 0, id = nextSpan++, name = 'GET' }: SpanSample): object {
  return {
    traceId: hex(id, 32),
    spanId: hex(id, 16),
    name,
    kind,
    startTimeUnixNano: nanoseconds(endMs - durationMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: otlpAttributes(attributes),
    status: { code: status },
  };
}

/** One ExportMetricsServiceRequest in OTLP/JSON. @param data  e.g. `{ sum: { dataPoints: […] } }` */
export function metricsOf(resource: Readonly<Record<string, string | number>>, name: string, data: object): object {
  return {
    resourceMetrics: [
      { resource: { attributes: otlpAttributes(resource) }, scopeMetrics: [{ scope: { name: 'test' }, metrics: [{ name, ...data }] }] },
    ],
  };
}

export interface LogSample {
  readonly atMs: number;
  readonly severity?: number | string;
  /** the word of a logger that has no numbers */
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string;
}

/** One ExportLogsServiceRequest in OTLP/JSON. */
export function logsOf(resource: Readonly<Record<string, string | number>>, records: readonly LogSample[]): object {
  const logRecords = records.map(({ atMs, severity = 0, text, attributes = {}, body = 'hello' }) => ({
    timeUnixNano: nanoseconds(atMs),
    severityNumber: severity,
    ...(text === undefined ? {} : { severityText: text }),
    body: { stringValue: body },
    attributes: otlpAttributes(attributes),
  }));
  return { resourceLogs: [{ resource: { attributes: otlpAttributes(resource) }, scopeLogs: [{ scope: { name: 'app' }, logRecords }] }] };
}

/** Milliseconds, with up to six decimals, as OTLP writes times. */
export const nanoseconds = (ms: number): string => (BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6))).toString();
