import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Logger } from '@nestjs/common';
import type { KafkaSettings, Settings } from '../../src/config/index.js';
import type { ClosedWindow, RecordingPlan } from '../../src/domain/index.js';
import { KafkaIngest, WindowRecorder } from '../../src/ingest/index.js';
import { Database, StreamStore, WindowStore } from '../../src/storage/index.js';
import type { Produced } from '../support/kafka-broker.js';
import { quickPlan, until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { tracesOf } from '../support/otlp-samples.js';

/** Windows of a second that stay open while a spec does what it does. */
export const patientPlan: RecordingPlan = { ...quickPlan, latenessMs: 1_200_000 };
/** All that is complete closes at once. */
export const promptPlan: RecordingPlan = { ...quickPlan, latenessMs: 100 };

export const kafkaSettings = (broker: string, name: string, more: Partial<KafkaSettings> = {}): KafkaSettings => ({
  brokers: [broker],
  topics: { traces: name, metrics: null, logs: null },
  group: name,
  clientId: 'assay',
  sessionTimeoutSeconds: 1.5,
  tls: null,
  sasl: null,
  ...more,
});

const otlp = { maxSeries: 1_000, maxAgeSeconds: 3_600, maxFutureSeconds: 300, maxDecodedBytes: 2 ** 20 };

/** The settings that reading needs, of one replica. */
export const replicaSettings = (kafka: KafkaSettings): Settings => ({ kafka, otlp }) as unknown as Settings;

/** One replica in this process. */
export class Replica {
  readonly ingest: KafkaIngest;
  readonly store: StreamStore;

  constructor(
    readonly database: Database,
    kafka: KafkaSettings,
    plan = patientPlan,
    store = new StreamStore(database),
  ) {
    Logger.overrideLogger(process.env['KAFKA_SPEC_LOG'] ? ['log', 'warn', 'error'] : false);
    this.store = store;
    this.ingest = new KafkaIngest(replicaSettings(kafka), store);
    this.ingest.usePlan(plan);
    this.ingest.start(true);
  }

  stop(): Promise<void> {
    return this.ingest.stop();
  }
}

/** Requests of two versions within a span of time, some minutes ago. @param start  ms, a full second */
export function requestsOf(
  topic: string,
  count = 200,
  start = Math.floor(Date.now() / 1000) * 1000 - 120_000,
  spanMs = 20_000,
): Produced[] {
  return Array.from({ length: count }, (_, index) => {
    const version = index % 3 === 0 ? '2.0' : '1.0';
    const spans = Array.from({ length: 1 + (index % 4) }, (__, span) => ({
      endMs: start + ((index * 100 + span * 37) % spanMs),
      durationMs: 5 + ((index * 7 + span) % 90),
      status: (index + span) % 11 === 0 ? 2 : 0,
      attributes: { 'http.route': `/${span % 2}` },
    }));
    const value = encodeOtlp('Traces', tracesOf({ 'service.name': index % 5 === 0 ? 'cart' : 'shop', 'service.version': version }, spans));
    return { topic, value, partition: (index * 5) % 3 };
  });
}

/** What these records make, counted by one recorder that knows no partitions. */
export function windowsOf(records: readonly Produced[]): ClosedWindow[] {
  const recorder = new WindowRecorder(quickPlan);
  for (const { value } of records) recorder.record('traces', 'protobuf', value);
  return recorder.closeAll();
}

/** Windows as they are compared: sums to ten digits, as their last ones depend on the order of adding. */
export const comparable = (windows: readonly ClosedWindow[]): unknown[] =>
  windows
    .map(({ service, from, to, cells, flags }) => ({
      service,
      from,
      to,
      flags,
      cells: cells.map(({ signal, instrument, attributes, count, sum, sumOfSquares, histogram }) => ({
        signal,
        instrument,
        attributes,
        count,
        sum: Number(sum.toPrecision(10)),
        sumOfSquares: Number(sumOfSquares.toPrecision(10)),
        histogram,
      })),
    }))
    .sort((a, b) => a.from - b.from || (a.service < b.service ? -1 : 1));

export const closedIn = (database: Database): Promise<ClosedWindow[]> =>
  new WindowStore(database).read({ from: 0, to: Number.MAX_SAFE_INTEGER });

export const spansIn = (windows: readonly ClosedWindow[]): number =>
  windows.reduce((sum, { cells }) => sum + cells.reduce((total, { signal, count }) => total + (signal === 'span' ? count : 0), 0), 0);

/** When so many records of the topic are stored, over all partitions. */
export async function untilStored(store: StreamStore, { group, topics }: KafkaSettings, records: number): Promise<void> {
  const stored = async (): Promise<number> => {
    const progress = await store.progress(group);
    return progress.filter(({ topic }) => topic === topics.traces).reduce((sum, { nextOffset }) => sum + Math.max(0, nextOffset), 0);
  };
  await until(stored, (count) => count >= records);
}

/** When everything that was stored is closed, by a replica that is told to wait no more. */
export async function closedBy(replica: Replica, before: number): Promise<ClosedWindow[]> {
  replica.ingest.usePlan(promptPlan);
  await until(
    () => replica.ingest.closedThrough(),
    (through) => through >= before,
  );
  return closedIn(replica.database);
}

/** A replica in a process of its own that kills itself at a certain moment. */
export async function replicaThatDies(databaseUrl: string, kafka: KafkaSettings, when: 'before storing' | 'after storing'): Promise<void> {
  const options = ['--disable-warning=ExperimentalWarning', '--import', './test/support/typescript-hooks.mjs'];
  const child: ChildProcess = spawn(process.execPath, [...options, resolve('test/kafka/dying-replica.ts')], {
    env: { PATH: process.env['PATH'], REPLICA: JSON.stringify({ databaseUrl, kafka, when }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error(`the replica ended with ${signal ?? child.exitCode} and was to be killed`);
}
