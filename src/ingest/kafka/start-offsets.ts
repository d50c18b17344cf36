import type { Consumer } from '@platformatic/kafka';
import type { StreamProgress } from '../../storage/index.js';

/** A partition that this replica reads. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
  /** as the store knows it: the first record that is not stored; −1: nobody has begun */
  readonly stored: number;
  /** where to begin to count */
  readonly offset: number;
  /** where to begin to read; records before `offset` are counted already and only remembered */
  readonly readFrom: number;
  readonly completeUntil: number;
}

export interface StartRules {
  /** ms; what is older than this is not wanted of a partition that nobody has read */
  readonly oldest: number;
  /** ms; as far back counted records are remembered */
  readonly rememberFrom: number;
  /** records of a partition that are remembered at most, by topic */
  readonly mostRemembered: (topic: string) => number;
}

type Offsets = ReadonlyMap<string, readonly bigint[]>;

/** Where to begin with each partition: after what is stored, whatever offsets the group has committed. @throws Error no answer */
export async function startOffsets(
  consumer: Consumer,
  progress: readonly StreamProgress[],
  { oldest, rememberFrom, mostRemembered }: StartRules,
): Promise<AssignedPartition[]> {
  if (progress.length === 0) return [];
  const partitions = Object.fromEntries(
    [...Map.groupBy(progress, ({ topic }) => topic)].map(([topic, rows]) => [topic, rows.map(({ partition }) => partition)]),
  );
  const offsetsAt = (timestamp: number): Promise<Offsets> =>
    consumer.listOffsets({ topics: Object.keys(partitions), partitions, timestamp: BigInt(timestamp), isolationLevel: 0 });
  const ends = await offsetsAt(-1); // before the others: what comes in between is not skipped
  const starts = await offsetsAt(-2);
  const wanted = await offsetsAt(Math.max(0, Math.floor(oldest)));
  const remembered = await offsetsAt(Math.max(0, Math.floor(rememberFrom)));
  return progress.map(({ topic, partition, nextOffset, completeUntil }) => {
    const at = (offsets: Offsets): number => Number(offsets.get(topic)?.[partition] ?? -1n);
    const [start, end] = [at(starts), at(ends)];
    const offset = nextOffset >= 0 ? nextOffset : at(wanted) >= 0 ? at(wanted) : end;
    const back = at(remembered) >= 0 ? at(remembered) : offset;
    const readFrom = nextOffset < 0 ? offset : Math.min(offset, Math.max(start, back, offset - mostRemembered(topic)));
    return { topic, partition, stored: nextOffset, offset, readFrom, completeUntil };
  });
}
