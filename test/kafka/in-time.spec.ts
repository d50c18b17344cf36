import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClosedWindow, StoreUnavailableError } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { Database, type Kept, StreamStore } from '../../src/storage/index.js';
import { KafkaBroker, kafkaIsThere, type Produced } from '../support/kafka-broker.js';
import { startIngest, until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { metricsOf, nanoseconds } from '../support/otlp-samples.js';
import { type PostgresServer, postgresIsThere, startPostgres } from '../support/postgres.js';
import { openMemoryStore } from '../support/stores.js';
import {
  closedBy,
  closedIn,
  comparable,
  kafkaSettings,
  patientPlan,
  promptPlan,
  Replica,
  requestsOf,
  spansIn,
  untilStored,
  windowsOf,
} from './replicas.js';

const runs = kafkaIsThere() && (process.env['ASSAY_REQUIRE_SERVERS'] === '1' || postgresIsThere());

/** A store that fails as it is told, once before it has stored and once after. */
class FailingStore extends StreamStore {
  fails: 'never' | 'before' | 'after' = 'never';
  failures = 0;

  override async keep(...given: Parameters<StreamStore['keep']>): Promise<Kept> {
    const hasRecords = given[1].windows.length > 0;
    if (this.fails === 'before') return this.fail();
    const kept = await super.keep(...given);
    if (this.fails === 'after' && hasRecords) return this.fail();
    return kept;
  }

  private fail(): never {
    this.failures += 1;
    if (this.fails === 'after') this.fails = 'never';
    throw new StoreUnavailableError('the store does not answer (for a spec)');
  }
}

(runs ? describe : describe.skip)('windows of a log', () => {
  let broker: KafkaBroker;
  let postgres: PostgresServer;
  let topics = 0;
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [broker, postgres] = await Promise.all([KafkaBroker.start(), startPostgres()]);
  }, 90_000);
  afterAll(() => Promise.all([broker?.stop(), postgres?.stop()]));
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function newTopic(): Promise<string> {
    topics += 1;
    await broker.newTopic(`log-${topics}`, 3);
    return `log-${topics}`;
  }

  async function newStore(url: string | null = null): Promise<Database> {
    const database = url === null ? await openMemoryStore() : await Database.open({ databaseUrl: url, directory: '' });
    open.push(() => database.close());
    return database;
  }

  function replica(...given: ConstructorParameters<typeof Replica>): Replica {
    const started = new Replica(...given);
    open.push(() => started.stop());
    return started;
  }

  const problemOf = ({ ingest }: Replica): Promise<string> =>
    ingest.ping().then(
      () => '',
      (error: Error) => error.message,
    );

  it('are those that the same requests make over HTTP', async () => {
    const topic = await newTopic();
    const records = requestsOf(topic, 60);
    const http = await startIngest(IngestServer, await newStore());
    open.push(() => http.stop());
    for (const { value } of records) await http.post('/v1/traces', value, { 'content-type': 'application/x-protobuf' });
    await broker.produce(records);
    const kafka = kafkaSettings(broker.address, topic);
    const reader = replica(await newStore(), kafka);
    await untilStored(reader.store, kafka, records.length);
    const closed = await closedBy(reader, Date.now() - 30_000);
    const received = await until(http.stored, (windows) => spansIn(windows) === spansIn(closed));
    expect(comparable(closed)).toEqual(comparable(received));
  });

  it('close although a partition is idle, and one that nobody writes to', async () => {
    const topic = await newTopic();
    const records = requestsOf(topic, 30).map((record) => ({ ...record, partition: 0 }));
    await broker.produce(records);
    const reader = replica(await newStore(), kafkaSettings(broker.address, topic), promptPlan);
    const closed = await until(
      () => closedIn(reader.database),
      (windows) => windows.length > 0,
    );
    expect(comparable(closed)).toEqual(comparable(windowsOf(records)));
  });

  it('take what was written while nobody read, however late that is by the clock', async () => {
    const topic = await newTopic();
    const kafka = kafkaSettings(broker.address, topic);
    const database = await newStore();
    const first = replica(database, kafka, promptPlan);
    await until(
      () => first.ingest.closedThrough(),
      (through) => through > 0,
    );
    await first.stop();
    const through = Math.max((await first.store.closedThrough(kafka.group)) ?? 0, 0);
    const moved = requestsOf(topic, 60, through, 2_000);
    await until(Date.now, (now) => now > through + 3_000);
    await broker.produce(moved);
    const second = replica(database, kafka, promptPlan);
    const closed = await until(
      () => closedIn(second.database),
      (windows) => spansIn(windows) === spansIn(windowsOf(moved)),
    );
    expect(closed.every(({ flags }) => flags.late === 0)).toBe(true);
  });

  it('wait while the store does not answer, and count once what it may or may not have taken', async () => {
    const topic = await newTopic();
    const kafka = kafkaSettings(broker.address, topic);
    const database = await newStore();
    const store = new FailingStore(database);
    store.fails = 'before';
    const records = requestsOf(topic);
    await broker.produce(records.slice(0, 100));
    const reader = replica(database, kafka, patientPlan, store);
    await until(
      () => store.failures,
      (count) => count >= 2,
    );
    expect(await problemOf(reader)).toContain('the store does not answer');
    store.fails = 'after';
    await until(
      () => store.fails,
      (fails) => fails === 'never',
    );
    await broker.produce(records.slice(100));
    await untilStored(store, kafka, records.length);
    expect(comparable(await closedBy(reader, Date.now() - 30_000))).toEqual(comparable(windowsOf(records)));
    expect(await problemOf(reader)).toBe('');
  });

  const at = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  const counter = (topic: string, pod: number, total: number, second: number, key?: string): Produced => {
    const point = {
      startTimeUnixNano: nanoseconds(at - 3_000_000),
      timeUnixNano: nanoseconds(at + second * 1_000),
      asInt: String(total),
      attributes: [],
    };
    const data = { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point] } };
    const value = encodeOtlp('Metrics', metricsOf({ 'service.name': 'shop', 'service.instance.id': `pod-${pod}` }, 'orders', data));
    return { topic, value, partition: pod % 3, ...(key === undefined ? {} : { key }) };
  };
  const increaseIn = (windows: readonly ClosedWindow[]): number =>
    windows.flatMap(({ cells }) => cells).reduce((sum, { instrument, count }) => sum + (instrument === 'orders' ? count : 0), 0);

  it('hold the whole increase of a counter that one replica began and another one goes on with', async () => {
    const topic = await newTopic();
    const kafka = kafkaSettings(broker.address, topic, { topics: { traces: null, metrics: topic, logs: null } });
    const database = await newStore();
    const pods = [0, 1, 2, 3];
    const written = (seconds: readonly number[]) =>
      broker.produce(seconds.flatMap((second) => pods.map((pod) => counter(topic, pod, 1_000 * pod + 10 * second, second, `pod-${pod}`))));
    const stored = async (store: StreamStore, count: number): Promise<unknown> =>
      until(
        async () => (await store.progress(kafka.group)).reduce((sum, { nextOffset }) => sum + Math.max(0, nextOffset), 0),
        (sum) => sum >= count,
      );
    const first = replica(database, kafka);
    await written([0, 1, 2, 3, 4]);
    await stored(first.store, 20);
    await first.stop();
    const second = replica(database, kafka);
    await written([5, 6, 7, 8, 9]);
    await stored(second.store, 40);
    expect(increaseIn(await closedBy(second, Date.now() - 30_000))).toBe(4 * 90);
  });

  it('hold no counter whose values are scattered over replicas: it would count twice', async () => {
    const topic = await newTopic();
    const kafka = kafkaSettings(broker.address, topic, { topics: { traces: null, metrics: topic, logs: null } });
    const url = await postgres.newDatabase();
    const [first, second] = [replica(await newStore(url), kafka), replica(await newStore(url), kafka)];
    await until(
      () => [first, second].map(({ ingest }) => ingest.partitions().length).sort(),
      (shares) => shares.join() === '1,2',
    );
    const values = Array.from({ length: 12 }, (_, at) => ({ ...counter(topic, 1, 10 * at, at), partition: at % 3 }));
    await broker.produce(values);
    await until(
      async () => (await first.store.progress(kafka.group)).reduce((sum, { nextOffset }) => sum + Math.max(0, nextOffset), 0),
      (sum) => sum >= values.length,
    );
    second.ingest.usePlan(promptPlan);
    expect(increaseIn(await closedBy(first, Date.now() - 30_000))).toBe(0);
  });
});
