import { type Counter, type Histogram, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';

/** One metric that Assay emits about itself. The table in docs/metrics.md is compared with this list. */
export interface InstrumentSpec {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly unit: 's' | '1' | 'By';
  readonly labels: readonly string[];
  readonly about: string;
}

export const instrumentSpecs = {
  assay_verdicts: { kind: 'counter', unit: '1', labels: ['decision'], about: 'Verdicts recorded, one a look' },
  assay_look_duration_seconds: { kind: 'histogram', unit: 's', labels: [], about: 'Time from reading a window to recording the verdict' },
  assay_windows_closed: { kind: 'counter', unit: '1', labels: [], about: 'Windows of pushed telemetry closed and stored' },
  assay_late_observations: { kind: 'counter', unit: '1', labels: [], about: 'Observations refused because their window had closed' },
  assay_otlp_spans: { kind: 'counter', unit: '1', labels: ['outcome', 'reason'], about: 'Spans and points received over OTLP' },
  assay_otlp_refused_requests: {
    kind: 'counter',
    unit: '1',
    labels: ['door', 'reason'],
    about: 'Requests over OTLP that were refused as a whole',
  },
  assay_otlp_kafka_records: {
    kind: 'counter',
    unit: '1',
    labels: ['outcome', 'reason'],
    about: 'Records read from Kafka, counted or left out',
  },
  assay_otlp_kafka_lag: {
    kind: 'gauge',
    unit: '1',
    labels: ['topic'],
    about: 'Records of its partitions that this replica has not read yet',
  },
  assay_source_query_duration_seconds: {
    kind: 'histogram',
    unit: 's',
    labels: ['source', 'outcome'],
    about: 'Time a source took to answer',
  },
  assay_deliveries: { kind: 'counter', unit: '1', labels: ['channel', 'outcome'], about: 'Delivery attempts to endpoints' },
  assay_open_runs: { kind: 'gauge', unit: '1', labels: [], about: 'Runs that are looked at' },
  assay_closed_through_lag_seconds: {
    kind: 'gauge',
    unit: 's',
    labels: [],
    about: 'How far behind the clock the newest stored window ends',
  },
  assay_deliveries_pending: { kind: 'gauge', unit: '1', labels: [], about: 'Deliveries that wait for an attempt; 1000 means 1000 or more' },
  assay_store_bytes: { kind: 'gauge', unit: 'By', labels: [], about: 'Size of the store: its tables and, embedded, its log of changes' },
  assay_retention_deleted: { kind: 'counter', unit: '1', labels: ['kind'], about: 'Rows deleted because they had had their time' },
  assay_event_loop_delay_seconds: {
    kind: 'gauge',
    unit: 's',
    labels: ['quantile'],
    about: 'Delay of the event loop since the last reading',
  },
} as const satisfies Readonly<Record<string, InstrumentSpec>>;

type NamesOf<K extends InstrumentSpec['kind']> = {
  [Name in keyof typeof instrumentSpecs]: (typeof instrumentSpecs)[Name]['kind'] extends K ? Name : never;
}[keyof typeof instrumentSpecs];

export const countVerdict = (decision: string): void => add('assay_verdicts', 1, { decision });
export const recordLook = (seconds: number): void => record('assay_look_duration_seconds', seconds);
export const countClosedWindows = (count: number): void => add('assay_windows_closed', count);
export const countLateObservations = (count: number): void => add('assay_late_observations', count);
export const countSpans = (outcome: 'accepted' | 'refused', count: number, reason = 'none'): void =>
  add('assay_otlp_spans', count, { outcome, reason });
export const countRefusedRequests = (door: 'http' | 'grpc', reason: string, count: number): void =>
  add('assay_otlp_refused_requests', count, { door, reason });
export const countKafkaRecords = (outcome: 'counted' | 'skipped', count: number, reason = 'none'): void =>
  add('assay_otlp_kafka_records', count, { outcome, reason });
export const recordSourceQuery = (source: string, seconds: number, outcome: 'ok' | 'error'): void =>
  record('assay_source_query_duration_seconds', seconds, { source, outcome });
export const countDelivery = (channel: string, outcome: 'delivered' | 'failed' | 'dead'): void =>
  add('assay_deliveries', 1, { channel, outcome });
export const countDeleted = (kind: 'run' | 'window' | 'event' | 'key' | 'document', count: number): void =>
  add('assay_retention_deleted', count, { kind });

/**
 * Reads a gauge whenever the metrics page is asked for. Call it after the telemetry has started.
 *
 * @param read  null: not known now, shown as NaN
 * @returns a function that ends it
 */
export function observeGauge(
  name: NamesOf<'gauge'>,
  read: () => number | null | Promise<number | null>,
  labels: Readonly<Record<string, string>> = {},
): () => void {
  const gauge = metrics.getMeter('assay').createObservableGauge(name, optionsOf(name));
  const callback: Parameters<typeof gauge.addCallback>[0] = async (result) => {
    result.observe((await read()) ?? Number.NaN, { ...labels });
  };
  gauge.addCallback(callback);
  return () => gauge.removeCallback(callback);
}

const secondBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Made {
  readonly counters: Map<string, Counter>;
  readonly histograms: Map<string, Histogram>;
}

/** What is created before the SDK starts counts nothing for ever (the API has no proxy for metrics): so each provider has its own. */
const made = new WeakMap<MeterProvider, Made>();

function current(): { readonly meter: Meter; readonly made: Made } {
  const provider = metrics.getMeterProvider();
  const mine = made.get(provider) ?? { counters: new Map(), histograms: new Map() };
  made.set(provider, mine);
  return { meter: provider.getMeter('assay'), made: mine };
}

function add(name: NamesOf<'counter'>, count: number, labels: Readonly<Record<string, string>> = {}): void {
  const { meter, made } = current();
  const counter = made.counters.get(name) ?? meter.createCounter(name, optionsOf(name));
  made.counters.set(name, counter);
  counter.add(count, { ...labels });
}

function record(name: NamesOf<'histogram'>, seconds: number, labels: Readonly<Record<string, string>> = {}): void {
  const { meter, made } = current();
  const options = { ...optionsOf(name), advice: { explicitBucketBoundaries: secondBuckets } };
  const histogram = made.histograms.get(name) ?? meter.createHistogram(name, options);
  made.histograms.set(name, histogram);
  histogram.record(seconds, { ...labels });
}

function optionsOf(name: keyof typeof instrumentSpecs): { unit: string; description: string } {
  const { unit, about } = instrumentSpecs[name];
  return { unit, description: about };
}
