import { type ConnectionOptions, Consumer, type GroupAssignment } from '@platformatic/kafka';
import type { KafkaSettings } from '../../config/index.js';
import type { StreamMove, StreamPartition } from '../../storage/index.js';

const retries = { retries: 1, retryDelay: 300 };
/** how old what we know of the cluster may be */
const metadataMaxAgeMs = 5_000;

/** This replica as a member of its consumer group: which partitions are its own, until it leaves. */
export class GroupMember {
  readonly consumer: Consumer;
  /** changes with each assignment that differs */
  assignment: readonly StreamPartition[] = [];
  generation = 0;
  /** the group is being divided anew: what was read should be stored soon */
  isRebalancing = false;
  /** null: all is well; else why another member must take its place */
  broken: Error | null = null;

  constructor(settings: KafkaSettings, topics: readonly string[], connection: ConnectionOptions) {
    const sessionTimeout = settings.sessionTimeoutSeconds * 1000;
    this.consumer = new Consumer({
      clientId: settings.clientId,
      groupId: settings.group,
      bootstrapBrokers: [...settings.brokers],
      ...connection,
      ...retries,
      timeout: 5_000,
      autocommit: false,
      metadataMaxAge: metadataMaxAgeMs,
      sessionTimeout,
      rebalanceTimeout: Math.max(sessionTimeout, Math.min(30_000, 3 * sessionTimeout)),
      heartbeatInterval: Math.min(1_000, sessionTimeout / 3),
      heartbeatStallTimeout: 3 * sessionTimeout,
    });
    this.consumer.topics.trackAll(...topics);
    this.consumer.on('consumer:group:rebalance', () => {
      this.isRebalancing = true;
    });
    this.consumer.on('consumer:group:join', ({ assignments }) => this.assigned(assignments ?? []));
    this.consumer.on('consumer:heartbeat:stalled', () => this.breakOff(new Error('the group does not answer')));
    this.consumer.on('error' as never, ((error: Error) => this.breakOff(error)) as never);
  }

  /** On return the partitions are assigned. @throws Error */
  async join(): Promise<void> {
    await this.consumer.joinGroup({});
  }

  /** Tells the group how far its records are stored: for those who watch it. The store alone decides where to begin again. */
  async commit(moves: readonly StreamMove[]): Promise<void> {
    if (moves.length === 0) return;
    const offsets = moves.map(({ topic, partition, to }) => ({ topic, partition, offset: BigInt(to), leaderEpoch: -1 }));
    await this.consumer.commit({ offsets });
  }

  /** Leaves the group, so that others need not wait until it is missed. */
  async leave(): Promise<void> {
    await this.consumer.close(true).catch(() => undefined);
  }

  private assigned(assignments: readonly GroupAssignment[]): void {
    const next = assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
    const text = (list: readonly StreamPartition[]): string =>
      list
        .map(({ topic, partition }) => `${topic}/${partition}`)
        .sort()
        .join(' ');
    this.isRebalancing = false;
    if (this.generation > 0 && text(next) === text(this.assignment)) return;
    this.assignment = next;
    this.generation += 1;
  }

  private breakOff(error: Error): void {
    this.broken ??= error;
  }
}
