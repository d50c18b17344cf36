import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, StreamStore } from '../../src/storage/index.js';
import { KafkaBroker, kafkaIsThere, type Produced } from '../support/kafka-broker.js';
import { until } from '../support/otlp-ingest.js';
import { type PostgresServer, postgresIsThere, startPostgres } from '../support/postgres.js';
import { openMemoryStore } from '../support/stores.js';
import {
  closedBy,
  closedIn,
  comparable,
  kafkaSettings,
  Replica,
  replicaThatDies,
  requestsOf,
  spansIn,
  untilStored,
  windowsOf,
} from './replicas.js';

const runs = kafkaIsThere() && (process.env['ASSAY_REQUIRE_SERVERS'] === '1' || postgresIsThere());
if (!runs) process.stdout.write('skipped: Kafka (ASSAY_KAFKA_HOME names no broker, or there is no PostgreSQL)\n');

(runs ? describe : describe.skip)('a log read by several replicas', () => {
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

  /** A topic of three partitions, and a database, of one spec alone. */
  async function place(): Promise<{ topic: string; kafka: ReturnType<typeof kafkaSettings>; url: string; database: Database }> {
    topics += 1;
    const topic = `spans-${topics}`;
    const [url] = await Promise.all([postgres.newDatabase(), broker.newTopic(topic, 3)]);
    const database = await Database.open({ databaseUrl: url, directory: '' });
    open.push(() => database.close());
    return { topic, kafka: kafkaSettings(broker.address, topic), url, database };
  }

  async function replicaAt(url: string, kafka: ReturnType<typeof kafkaSettings>): Promise<Replica> {
    const database = await Database.open({ databaseUrl: url, directory: '' });
    const replica = new Replica(database, kafka);
    open.push(() => database.close());
    open.push(() => replica.stop());
    return replica;
  }

  const half = (records: readonly Produced[]): [readonly Produced[], readonly Produced[]] => [
    records.slice(0, records.length / 2),
    records.slice(records.length / 2),
  ];

  it('makes the windows that one recorder makes of the same requests', async () => {
    const { topic, kafka, url, database } = await place();
    const records = requestsOf(topic);
    await broker.produce(records);
    const replica = await replicaAt(url, kafka);
    await untilStored(replica.store, kafka, records.length);
    expect(await closedIn(database)).toEqual([]);
    const closed = await closedBy(replica, Date.now() - 30_000);
    expect(comparable(closed)).toEqual(comparable(windowsOf(records)));
    await until(
      async () => (await broker.committed(topic, topic)).reduce((sum, offset) => sum + Math.max(0, offset), 0),
      (sum) => sum === records.length,
    );
  });

  it.each(['before storing', 'after storing'] as const)('counts once what a replica had read when it was killed %s', async (when) => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic);
    const [first, second] = half(records);
    await broker.produce(first);
    await replicaThatDies(url, kafka, when);
    await broker.produce(second);
    const replica = await replicaAt(url, kafka);
    await untilStored(replica.store, kafka, records.length);
    const closed = await closedBy(replica, Date.now() - 30_000);
    expect(comparable(closed)).toEqual(comparable(windowsOf(records)));
  });

  it('makes the same windows when a second replica joins and leaves in the middle', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic, 400);
    const first = await replicaAt(url, kafka);
    await broker.produce(records.slice(0, 100));
    await untilStored(first.store, kafka, 100);
    const second = await replicaAt(url, kafka);
    await broker.produce(records.slice(100, 200));
    await until(
      () => [first, second].map(({ ingest }) => ingest.partitions().length).sort(),
      (shares) => shares.join() === '1,2',
    );
    await broker.produce(records.slice(200, 300));
    await untilStored(first.store, kafka, 300);
    await second.stop();
    await broker.produce(records.slice(300));
    await untilStored(first.store, kafka, 400);
    const closed = await closedBy(first, Date.now() - 30_000);
    expect(comparable(closed)).toEqual(comparable(windowsOf(records)));
  });

  it('gives nothing of a replica that was thought dead and comes back', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic);
    await broker.produce(records);
    const [zombie, other] = await Promise.all([replicaAt(url, kafka), replicaAt(url, { ...kafka, group: kafka.group })]);
    await untilStored(zombie.store, kafka, records.length);
    const [{ topic: name, partition, nextOffset, completeUntil } = { topic: '', partition: 0, nextOffset: 0, completeUntil: 0 }] =
      await zombie.store.progress(kafka.group);
    const stale = {
      moves: [{ topic: name, partition, from: nextOffset - 10, to: nextOffset, completeUntil }],
      windows: windowsOf(records),
    };
    const rules = {
      topics: [topic],
      throughAt: () => 0,
      giveUpBefore: 0,
      sliceAt: () => ({ from: 0, to: 1 }),
      merge: () => stale.windows[0] as never,
    };
    await expect(zombie.store.keep(kafka.group, stale, rules)).rejects.toThrow(/another replica has read on in 1 of 1/);
    await other.stop();
    const closed = await closedBy(zombie, Date.now() - 30_000);
    expect(spansIn(closed)).toBe(spansIn(windowsOf(records)));
  });

  it('counts once a request that was written twice to its partition, even when the replica is another one by then', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic);
    const first = await replicaAt(url, kafka);
    await broker.produce([...records, ...records.slice(0, 50)]);
    await untilStored(first.store, kafka, records.length + 50);
    await first.stop();
    await broker.produce(records.slice(50, 100));
    const second = await replicaAt(url, kafka);
    await untilStored(second.store, kafka, records.length + 100);
    const closed = await closedBy(second, Date.now() - 30_000);
    expect(comparable(closed)).toEqual(comparable(windowsOf(records)));
  });

  it('leaves out records that cannot be read, and goes on behind them', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic);
    const [before, after] = half(records);
    const poison = [Buffer.from('not protobuf at all'), Buffer.alloc(0xfffff * 2, 1), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])];
    await broker.produce(before);
    for (const value of poison) await broker.produce([{ topic, value, partition: 1 }]);
    await broker.produce([{ topic, value: Buffer.alloc(6_000_000), partition: 1 }], 'gzip'); // a bomb: six megabytes in six kilobytes
    await broker.produce(after);
    const replica = await replicaAt(url, kafka);
    await untilStored(replica.store, kafka, records.length + poison.length + 1);
    const closed = await closedBy(replica, Date.now() - 30_000);
    expect(comparable(closed)).toEqual(comparable(windowsOf(records)));
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('reads batches that are packed with %s', async (compression) => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic, 60);
    await broker.produce(records, compression);
    const replica = await replicaAt(url, kafka);
    await untilStored(replica.store, kafka, records.length);
    expect(spansIn(await closedBy(replica, Date.now() - 30_000))).toBe(spansIn(windowsOf(records)));
  });

  it('goes on where it was when the broker comes back, and says so while it is away', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic);
    const [before, after] = half(records);
    await broker.produce(before);
    const replica = await replicaAt(url, kafka);
    await untilStored(replica.store, kafka, before.length);
    await broker.kill();
    await until(
      () =>
        replica.ingest.ping().then(
          () => '',
          (error: Error) => error.message,
        ),
      (problem) => problem !== '',
    );
    const through = replica.ingest.closedThrough();
    await broker.begin();
    await broker.produce(after);
    await untilStored(replica.store, kafka, records.length);
    const closed = await closedBy(replica, Date.now() - 30_000);
    expect(through).toBeLessThan(Date.now() - 600_000);
    expect(spansIn(closed)).toBe(spansIn(windowsOf(records)));
    await replica.ingest.ping();
  });

  it('goes on at the oldest record that is left, when others were deleted before they were read', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic, 90).map((record) => ({ ...record, partition: 0 }));
    const first = await replicaAt(url, kafka);
    await broker.produce(records.slice(0, 30));
    await untilStored(first.store, kafka, 30);
    await first.stop();
    await broker.produce(records.slice(30));
    await broker.deleteBefore(topic, 0, 60);
    const second = await replicaAt(url, kafka);
    await untilStored(second.store, kafka, 90);
    const closed = await closedBy(second, Date.now() - 30_000);
    expect(comparable(closed)).toEqual(comparable(windowsOf([...records.slice(0, 30), ...records.slice(60)])));
  });

  it('does not share an embedded store between two members of a group', async () => {
    const { kafka } = await place();
    const stores = await Promise.all([1, 2].map(() => openMemoryStore()));
    const replicas = stores.map((database) => new Replica(database, kafka));
    for (const database of stores) open.push(() => database.close());
    for (const replica of replicas) open.push(() => replica.stop());
    await until(
      () =>
        Promise.all(
          replicas.map((replica) =>
            replica.ingest.ping().then(
              () => '',
              (error: Error) => error.message,
            ),
          ),
        ),
      (problems) => problems.some((problem) => /the embedded store serves one process: set DATABASE_URL/.test(problem)),
    );
  });

  it('begins with the partitions that a topic has got', async () => {
    const { topic, kafka, url } = await place();
    const records = requestsOf(topic);
    const replica = await replicaAt(url, kafka);
    await broker.produce(records.slice(0, 100));
    await untilStored(replica.store, kafka, 100);
    await broker.addPartition(topic, 4);
    await until(
      () => replica.ingest.partitions().length,
      (count) => count === 4,
    );
    await broker.produce(records.slice(100).map((record) => ({ ...record, partition: 3 })));
    await untilStored(new StreamStore(replica.database), kafka, records.length);
    expect(comparable(await closedBy(replica, Date.now() - 30_000))).toEqual(comparable(windowsOf(records)));
  });
});
