import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import { type ClusterMetadata, ConnectionPool } from '@platformatic/kafka';
import type { KafkaSettings, OtlpSettings } from '../../config/index.js';
import { ConflictError, type RecordingPlan, StoreUnavailableError } from '../../domain/index.js';
import type { Kept, StreamPartition, StreamStore } from '../../storage/index.js';
import type { Signal } from '../otlp-reader.js';
import { connectionOptions } from './client-options.js';
import { GroupMember } from './group-member.js';
import { type FetchedPartition, PartitionFetcher } from './partition-fetcher.js';
import { PartitionPosition } from './partition-position.js';
import { SkippedRecords } from './skipped-records.js';
import { startOffsets } from './start-offsets.js';
import { rememberMs, StreamSession, throughOf } from './stream-session.js';

export interface LogReaderOptions {
  readonly kafka: KafkaSettings;
  readonly otlp: Pick<OtlpSettings, 'maxSeries' | 'maxAgeSeconds' | 'maxFutureSeconds' | 'maxDecodedBytes'>;
  readonly store: StreamStore;
  readonly onKept: (kept: Kept) => void;
  readonly say: (level: 'log' | 'warn' | 'error', message: string) => void;
}

const fetchLimits = { waitMs: 200, mostBytes: 16 * 2 ** 20, mostBytesPerPartition: 4 * 2 ** 20 };
const [firstPauseMs, longestPauseMs] = [200, 10_000];
const mostRemembered = { traces: 1_000, metrics: 10_000, logs: 100 } as const;
/** how long a broker may not have an offset that is stored: after an election it may be a little behind */
const outOfRangeMs = 30_000;
const outOfRange = 1;

/** Reads OTLP from Kafka as a member of a group, and stores windows of it, until it is stopped. */
export class LogReader {
  /** why nothing is read or stored right now; null: all is well */
  problem: string | null = 'not connected yet';
  session: StreamSession | null = null;
  private readonly stopping = new AbortController();
  private readonly skipped: SkippedRecords;
  private readonly signals: ReadonlyMap<string, Signal>;
  private running: Promise<void> | null = null;
  private wantedPlan: RecordingPlan;
  private attempts = 0;

  constructor(
    private readonly options: LogReaderOptions,
    plan: RecordingPlan,
  ) {
    this.wantedPlan = plan;
    this.skipped = new SkippedRecords((message) => options.say('warn', message));
    const named = Object.entries(options.kafka.topics) as [Signal, string | null][];
    this.signals = new Map(named.flatMap(([signal, topic]) => (topic === null ? [] : [[topic, signal] as const])));
  }

  start(): void {
    this.running ??= this.run();
  }

  usePlan(plan: RecordingPlan): void {
    this.wantedPlan = plan;
  }

  /** Stores what was read, leaves the group, and reads nothing more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        await this.beMember();
      } catch (error) {
        this.failed(error);
      }
      await this.pause();
    }
  }

  private async beMember(): Promise<void> {
    const connection = await connectionOptions(this.options.kafka);
    const member = new GroupMember(this.options.kafka, this.topics, connection);
    const pool = new ConnectionPool(this.options.kafka.clientId, connection);
    try {
      await this.metadata(member, true);
      await member.join();
      while (!this.isStopping && member.broken === null) await this.readAssigned(member, new PartitionFetcher(pool, fetchLimits));
      if (member.broken !== null) throw member.broken;
    } finally {
      this.session = null;
      await member.leave();
      await pool.close().catch(() => undefined);
    }
  }

  /** Reads the partitions of one assignment, from where they are stored. Ends when they are others. */
  private async readAssigned(member: GroupMember, fetcher: PartitionFetcher): Promise<void> {
    const { generation, assignment } = member;
    const metadata = await this.metadata(member, false);
    const all = partitionsOf(metadata, this.topics);
    this.refuseSharing(assignment, all);
    const session = await this.begin(member, all);
    this.session = session;
    this.options.say('log', `reads ${assignment.length} of ${all.length} partitions of ${this.topics.join(', ')}`);
    const isCurrent = (): boolean => member.generation === generation && member.broken === null && !this.isStopping;
    try {
      await this.read(member, fetcher, session, isCurrent, all.length);
      if (session.isCounting) await this.store(member, session, () => false);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      this.options.say('log', `${error.message}: reading goes on from where it is stored`);
    }
  }

  private async begin(member: GroupMember, all: readonly StreamPartition[]): Promise<StreamSession> {
    const { kafka, otlp, store } = this.options;
    const oldest = Date.now() - otlp.maxAgeSeconds * 1000;
    const progress = await store.join(kafka.group, all, throughOf(this.wantedPlan, oldest));
    const isOurs = (one: StreamPartition): boolean =>
      member.assignment.some(({ topic, partition }) => topic === one.topic && partition === one.partition);
    const ours = progress.filter(isOurs);
    const begun = ours.filter(({ nextOffset, completeUntil }) => nextOffset >= 0 && completeUntil > 0);
    const rememberFrom = Math.min(Date.now(), ...begun.map(({ completeUntil }) => completeUntil)) - rememberMs;
    const starts = await startOffsets(member.consumer, ours, {
      oldest,
      rememberFrom,
      mostRemembered: (topic) => mostRemembered[this.signals.get(topic) ?? 'logs'],
    });
    const wholeTopics = new Set(this.topics.filter((topic) => all.filter((one) => one.topic === topic).every(isOurs)));
    return new StreamSession(
      store,
      starts.map((start) => new PartitionPosition(this.signals.get(start.topic) ?? 'logs', start)),
      this.wantedPlan,
      { group: kafka.group, topics: this.topics, limits: otlp, watchedFrom: begun.length > 0 ? rememberFrom : oldest, wholeTopics },
      this.skipped,
    );
  }

  private async read(
    member: GroupMember,
    fetcher: PartitionFetcher,
    session: StreamSession,
    isCurrent: () => boolean,
    partitions: number,
  ): Promise<void> {
    let plan = this.wantedPlan;
    while (isCurrent() && session.wanted.some(({ offset, countFrom }) => offset < countFrom))
      await this.fetchInto(member, fetcher, session);
    if (!isCurrent()) return;
    await session.beginCounting();
    while (isCurrent()) {
      const metadata = await this.fetchInto(member, fetcher, session);
      if (metadata && partitionsOf(metadata, this.topics).length !== partitions) {
        member.broken = new Error('the topics have other partitions now');
        return;
      }
      if (plan !== this.wantedPlan) {
        plan = this.wantedPlan;
        await this.store(member, session, isCurrent);
        if (isCurrent()) session.usePlan(plan);
      } else if (member.isRebalancing || session.isDue(Date.now())) await this.store(member, session, isCurrent);
    }
  }

  /** @returns null: a broker did not answer, and a while has passed */
  private async fetchInto(member: GroupMember, fetcher: PartitionFetcher, session: StreamSession): Promise<ClusterMetadata | null> {
    const { wanted } = session;
    try {
      const metadata = await this.metadata(member, this.attempts > 0);
      if (wanted.length === 0) await this.rest(fetchLimits.waitMs);
      const fetched = wanted.length === 0 ? [] : await fetcher.fetch(wanted, metadata);
      await this.handleErrors(member, session, fetched);
      await session.take(fetched);
      const refused = fetched.find(({ errorCode }) => errorCode > outOfRange);
      if (refused) throw new Error(`${refused.topic}/${refused.partition} cannot be read now (error ${refused.errorCode})`);
      this.answered();
      return metadata;
    } catch (error) {
      this.failed(error);
      await this.pause();
      return null;
    }
  }

  private async handleErrors(member: GroupMember, session: StreamSession, fetched: readonly FetchedPartition[]): Promise<void> {
    for (const { topic, partition, errorCode } of fetched) {
      const position = session.positions.find((one) => one.topic === topic && one.partition === partition);
      if (position === undefined) continue;
      if (errorCode !== outOfRange) position.outOfRangeSince = null;
      else await this.findAgain(member, position);
    }
  }

  /** The partition has no such offset: records were deleted before they were read, or it is another one of the same name. */
  private async findAgain(member: GroupMember, position: PartitionPosition): Promise<void> {
    const { topic, partition, offset } = position;
    const question = { topics: [topic], partitions: { [topic]: [partition] }, isolationLevel: 0 };
    const at = async (timestamp: bigint): Promise<number> =>
      Number((await member.consumer.listOffsets({ ...question, timestamp })).get(topic)?.[partition] ?? -1n);
    const [start, end] = [await at(-2n), await at(-1n)];
    position.outOfRangeSince ??= Date.now();
    if (start > offset) {
      this.skipped.add('gone', `${position.name}@${offset}–${start - 1}`, 'deleted before it was read', start - offset);
      position.jump(start);
    } else if (end < offset && Date.now() - position.outOfRangeSince > outOfRangeMs) {
      this.options.say(
        'error',
        `${position.name} ends at ${end}, and ${offset} was read: it was made anew or has lost records; reading goes on at its end`,
      );
      position.jump(end);
    } else await this.rest(longestPauseMs / 10);
  }

  /** Stores what was read; while the store does not answer nothing more is read. */
  private async store(member: GroupMember, session: StreamSession, isCurrent: () => boolean): Promise<void> {
    for (;;) {
      try {
        let more = true;
        while (more) more = this.kept(await session.flush()).more;
        const moves = session.takeStored();
        void member.commit(moves).catch(() => undefined);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.failed(error);
        if (!isCurrent()) return;
        await this.pause();
      }
    }
  }

  private kept(kept: Kept): Kept {
    const { refused, dropped } = kept;
    if (refused > 0) this.options.say('error', `${refused} windows were there already: these services come by another way of ingest too`);
    if (dropped > 0) this.options.say('error', `${dropped} windows are given up: some partitions were not read in time`);
    this.options.onKept(kept);
    return kept;
  }

  /** The embedded store is of one process: members elsewhere would keep their parts of the same windows elsewhere. */
  private refuseSharing(ours: readonly StreamPartition[], all: readonly StreamPartition[]): void {
    if (!this.options.store.isPrivate || ours.length === all.length) return;
    const { group } = this.options.kafka;
    throw new Error(
      `group ${group} has other members, and the embedded store serves one process: set DATABASE_URL to one PostgreSQL for all of them, or give this one a group of its own`,
    );
  }

  private metadata(member: GroupMember, forceUpdate: boolean): Promise<ClusterMetadata> {
    return member.consumer.metadata({ topics: [...this.topics], forceUpdate });
  }

  private failed(error: unknown): void {
    const problem = reasonOf(error);
    if (problem !== this.problem) this.options.say('warn', `${problem}; trying again`);
    this.problem = problem;
    this.attempts += 1;
  }

  private answered(): void {
    if (this.problem !== null && this.attempts > 0) this.options.say('log', 'reading goes on');
    this.problem = null;
    this.attempts = 0;
  }

  private async pause(): Promise<void> {
    if (this.attempts > 0) await this.rest(Math.min(longestPauseMs, firstPauseMs * 2 ** (this.attempts - 1)));
  }

  private async rest(ms: number): Promise<void> {
    if (!this.isStopping) await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private get topics(): readonly string[] {
    return [...this.signals.keys()];
  }
}

function partitionsOf(metadata: ClusterMetadata, topics: readonly string[]): StreamPartition[] {
  return topics.flatMap((topic) =>
    Array.from({ length: metadata.topics.get(topic)?.partitionsCount ?? 0 }, (_, partition) => ({ topic, partition })),
  );
}

/** What the client says, with what it says underneath: `Fetching failed` alone helps nobody. */
function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const inner: unknown = 'errors' in error && Array.isArray(error.errors) ? error.errors.at(-1) : error.cause;
  const below = types.isNativeError(inner) ? reasonOf(inner) : '';
  return below === '' || error.message.includes(below) ? error.message : `${error.message} (${below})`;
}
