import { listOf, objectOf, parseJson } from './json-document.js';
import { LogBatch } from './log-batch.js';
import { readLogJson } from './log-json.js';
import { LogProtobufReader } from './log-protobuf.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { readMetricJson } from './metric-json.js';
import { MetricPoints } from './metric-points.js';
import { MetricProtobufReader } from './metric-protobuf.js';
import type { ObservationBatch } from './observation-batch.js';
import { readTraceJson } from './trace-json.js';
import { TraceProtobufReader } from './trace-protobuf.js';

export type Signal = 'traces' | 'metrics' | 'logs';
export type Encoding = 'protobuf' | 'json';

/** Bytes or documents in, observations out. Log records are read where somebody wants them; elsewhere requests with them are accepted. */
export class OtlpReader {
  private readonly traces: TraceProtobufReader;
  private readonly metrics: MetricProtobufReader;
  private readonly logs: LogProtobufReader;
  private readonly points: MetricPoints;
  private unwantedLogs = false;

  /** @param records  where log records go */
  constructor(
    private readonly batch: ObservationBatch,
    private readonly records: LogBatch = new LogBatch(batch.resolver, batch.dictionary, null),
  ) {
    this.points = new MetricPoints(batch);
    this.traces = new TraceProtobufReader(batch);
    this.metrics = new MetricProtobufReader(this.points);
    this.logs = new LogProtobufReader(records);
  }

  /**
   * Reads one request into the batch, which is emptied first.
   *
   * @throws {MalformedOtlpError} then the batch holds nothing
   */
  read(signal: Signal, encoding: Encoding, body: Uint8Array): ObservationBatch {
    return this.fill(() => {
      this.unwantedLogs = signal === 'logs' && !this.records.isWanted;
      if (encoding === 'json') this.document(parseJson(body), signal);
      else if (signal === 'traces') this.traces.read(body);
      else if (signal === 'metrics') this.metrics.read(body);
      else this.logs.read(body);
    });
  }

  /** What the sender should know of the request read last although all of it was accepted; '' where there is nothing. */
  get notice(): string {
    if (!this.unwantedLogs && this.points.summaries === 0) return '';
    return [
      ...(this.unwantedLogs ? ['no template reads log records, so none are kept'] : []),
      ...(this.points.summaries > 0 ? [`the quantiles of ${this.points.summaries} summaries cannot be merged and are not kept`] : []),
    ].join(', ');
  }

  /** Reads one request that was JSON, of whatever signals it holds. @throws {MalformedOtlpError} */
  readDocument(document: unknown): ObservationBatch {
    return this.fill(() => {
      const keys = Object.keys(objectOf(document, 'the request'));
      const known = keys.some((key) => ['resourceSpans', 'resourceMetrics', 'resourceLogs'].includes(key));
      if (keys.length > 0 && !known) throw new MalformedOtlpError('there are no resourceSpans, resourceMetrics and resourceLogs in it');
      this.document(document, 'traces');
      this.document(document, 'metrics');
      this.document(document, 'logs');
    });
  }

  private document(document: unknown, signal: Signal): void {
    if (typeof document !== 'object' || document === null) throw new MalformedOtlpError('the request must be an object');
    const request = objectOf(document, 'the request');
    if (signal === 'traces') readTraceJson(request, this.batch);
    else if (signal === 'metrics') readMetricJson(request, this.points);
    else if (this.records.isWanted) readLogJson(request, this.records);
    else listOf(request['resourceLogs'], 'resourceLogs');
  }

  private fill(read: () => void): ObservationBatch {
    this.clear();
    try {
      read();
    } catch (error) {
      this.clear();
      throw error;
    }
    return this.batch;
  }

  private clear(): void {
    this.batch.clear();
    this.records.clear();
    this.points.clear();
    this.unwantedLogs = false;
  }
}
