import { type ClusterMetadata, ConnectionPool, createAPI, fetchV13, type Reader } from '@platformatic/kafka';

export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  /** the next record that is wanted */
  readonly offset: number;
}

/** What a broker answered for one partition. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** ms; when the question was sent: what the partition got before ends at `end` */
  readonly askedAt: number;
  /** after the last record that can be read */
  readonly end: number;
  /** the first record that is still there */
  readonly start: number;
  /** 0: all is well; else as the protocol numbers errors */
  readonly errorCode: number;
  readonly records: Buffer | null;
}

/** How long a broker may wait for records, and how much it may send at once. */
export interface FetchLimits {
  readonly waitMs: number;
  readonly mostBytes: number;
  readonly mostBytesPerPartition: number;
}

type Answered = Omit<FetchedPartition, 'topic' | 'askedAt'> & { readonly topicId: string };
type FetchArguments = Parameters<typeof fetchV13.createRequest>;

/** Version 13 names topics by id, and every broker since 3.1 speaks it. Record sets stay bytes: one that is damaged must not spoil the answer. */
const fetchRaw = createAPI<FetchArguments, Answered[]>(1, 13, fetchV13.createRequest, (_correlation, _key, _version, reader) =>
  readAnswer(reader),
);

/** Asks the leaders of partitions for their records, all of them at once. */
export class PartitionFetcher {
  private turn = 0;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly limits: FetchLimits,
  ) {}

  /** @throws Error a broker does not answer */
  async fetch(positions: readonly FetchPosition[], metadata: ClusterMetadata): Promise<FetchedPartition[]> {
    this.turn += 1;
    const byLeader = Map.groupBy(positions, ({ topic, partition }) => metadata.topics.get(topic)?.partitions[partition]?.leader ?? -1);
    const answers = await Promise.all([...byLeader].map(([leader, asked]) => this.ask(leader, asked, metadata)));
    return answers.flat();
  }

  private async ask(leader: number, asked: readonly FetchPosition[], metadata: ClusterMetadata): Promise<FetchedPartition[]> {
    const broker = metadata.brokers.get(leader);
    if (broker === undefined) throw new Error(`no broker leads ${asked.map(({ topic, partition }) => `${topic}/${partition}`).join(', ')}`);
    const connection = await this.pool.get(broker);
    const names = new Map(asked.flatMap(({ topic }) => [[metadata.topics.get(topic)?.id ?? '', topic] as const]));
    const first = this.turn % asked.length; // who is asked first is served first, however large its records are
    const topics = [...asked.slice(first), ...asked.slice(0, first)].map(({ topic, partition, offset }) => ({
      topicId: metadata.topics.get(topic)?.id ?? '',
      partitions: [
        {
          partition,
          currentLeaderEpoch: -1,
          fetchOffset: BigInt(offset),
          lastFetchedEpoch: -1,
          partitionMaxBytes: this.limits.mostBytesPerPartition,
        },
      ],
    }));
    const askedAt = Date.now();
    const answered = await fetchRaw.async(connection, this.limits.waitMs, 1, this.limits.mostBytes, 0, 0, -1, topics, [], '');
    return answered.flatMap(({ topicId, ...rest }) => {
      const topic = names.get(topicId);
      return topic === undefined ? [] : [{ topic, askedAt, ...rest }];
    });
  }
}

function readAnswer(reader: Reader): Answered[] {
  reader.readInt32(); // throttled for
  const errorCode = reader.readInt16();
  reader.readInt32(); // session
  if (errorCode !== 0) throw new Error(`the broker refused to be read (error ${errorCode})`);
  const topics = reader.readArray((topic) => {
    const topicId = topic.readUUID();
    return topic.readArray((partition) => ({ topicId, ...readPartition(partition) }));
  });
  return topics.flat();
}

function readPartition(reader: Reader): Omit<Answered, 'topicId'> {
  const [partition, errorCode] = [reader.readInt32(), reader.readInt16()];
  const end = Number(reader.readInt64());
  reader.readInt64(); // last stable offset
  const start = Number(reader.readInt64());
  reader.readNullableArray((aborted) => [aborted.readInt64(), aborted.readInt64()]);
  reader.readInt32(); // preferred replica
  return { partition, errorCode, end, start, records: reader.readNullableBytes() };
}
