import { listOf, objectOf, parseJson } from './json-document.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { readMetricJson } from './metric-json.js';
import { MetricPoints } from './metric-points.js';
import { MetricProtobufReader } from './metric-protobuf.js';
import type { ObservationBatch } from './observation-batch.js';
import { ProtobufCursor } from './protobuf-cursor.js';
import { readTraceJson } from './trace-json.js';
import { TraceProtobufReader } from './trace-protobuf.js';

export type Signal = 'traces' | 'metrics' | 'logs';
export type Encoding = 'protobuf' | 'json';

/** Bytes or documents in, observations out. Logs are checked and not used. */
export class OtlpReader {
  private readonly traces: TraceProtobufReader;
  private readonly metrics: MetricProtobufReader;
  private readonly points: MetricPoints;

  constructor(private readonly batch: ObservationBatch) {
    this.points = new MetricPoints(batch);
    this.traces = new TraceProtobufReader(batch);
    this.metrics = new MetricProtobufReader(this.points);
  }

  /**
   * Reads one request into the batch, which is emptied first.
   *
   * @throws {MalformedOtlpError} then the batch holds nothing
   */
  read(signal: Signal, encoding: Encoding, body: Uint8Array): ObservationBatch {
    return this.fill(() => {
      if (encoding === 'json') this.document(parseJson(body), signal);
      else if (signal === 'traces') this.traces.read(body);
      else if (signal === 'metrics') this.metrics.read(body);
      else walk(body);
    });
  }

  /** Reads one request that was JSON, of whatever signals it holds. @throws {MalformedOtlpError} */
  readDocument(document: unknown): ObservationBatch {
    return this.fill(() => {
      const keys = Object.keys(objectOf(document, 'the request'));
      const known = keys.some((key) => ['resourceSpans', 'resourceMetrics', 'resourceLogs'].includes(key));
      if (keys.length > 0 && !known) throw new MalformedOtlpError('there are no resourceSpans and no resourceMetrics in it');
      this.document(document, 'traces');
      this.document(document, 'metrics');
    });
  }

  private document(document: unknown, signal: Signal): void {
    if (typeof document !== 'object' || document === null) throw new MalformedOtlpError('the request must be an object');
    const request = objectOf(document, 'the request');
    if (signal === 'traces') readTraceJson(request, this.batch);
    else if (signal === 'metrics') readMetricJson(request, this.points);
    else listOf(request['resourceLogs'], 'resourceLogs');
  }

  private fill(read: () => void): ObservationBatch {
    this.batch.clear();
    try {
      read();
    } catch (error) {
      this.batch.clear();
      throw error;
    }
    return this.batch;
  }
}

/** Steps over the fields of a message that is not used. */
function walk(bytes: Uint8Array): void {
  const cursor = new ProtobufCursor();
  cursor.open(bytes);
  while (cursor.more) cursor.skip(cursor.tag());
}
