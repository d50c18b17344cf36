import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer, stringSerializers } from '@platformatic/kafka';
import { freePorts } from './free-ports.js';

const home = process.env['ASSAY_KAFKA_HOME'] ?? '';
const required = process.env['ASSAY_REQUIRE_SERVERS'] === '1';

/** Whether {@link KafkaBroker} finds what it starts: `ASSAY_KAFKA_HOME` names a folder with `libs/*.jar`. */
export function kafkaIsThere(): boolean {
  if (existsSync(join(home, 'libs')) && readdirSync(join(home, 'libs')).some((file) => /^kafka_.*\.jar$/.test(file))) return true;
  if (required) throw new Error('ASSAY_KAFKA_HOME names no folder with libs/*.jar of Apache Kafka');
  return false;
}

/** Who may come by the guarded listener. */
export interface BrokerGuard {
  readonly user: string;
  readonly password: string;
}

const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

export interface Produced {
  readonly topic: string;
  readonly value: Uint8Array;
  readonly partition?: number;
  readonly key?: string;
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** A broker of its own on a random loopback port, that a spec may kill and start again where it was. */
export class KafkaBroker {
  private child: ChildProcess | null = null;
  private said = '';

  private constructor(
    readonly address: string,
    private readonly directory: string,
    private readonly configuration: string,
    /** with a guard only */
    readonly guardedAddress: string,
  ) {}

  /** The certificate that the guarded listener shows, PEM. */
  get certificateFile(): string {
    return join(this.directory, 'broker.pem');
  }

  /** @param guard  who may come by a second listener that is encrypted and asks for a password */
  static async start(guard: BrokerGuard | null = null): Promise<KafkaBroker> {
    const [port = 0, controllerPort = 0, guardedPort = 0] = await freePorts(3);
    const directory = mkdtempSync(join(tmpdir(), 'assay-kafka-'));
    const [data, cluster] = [join(directory, 'data'), randomBytes(16).toString('base64url')];
    const configuration = join(directory, 'server.properties');
    const guarded = guard === null ? [] : guardedListener(directory, guard);
    writeFileSync(configuration, [...settings(port, controllerPort, data, guardedPort, guard !== null), ...guarded].join('\n'));
    if (guard !== null) {
      const users = mechanisms.flatMap((name) => ['--add-scram', `${name}=[name=${guard.user},password=${guard.password}]`]);
      java(['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', configuration, ...users]);
      return KafkaBroker.begun(port, directory, configuration, guardedPort);
    }
    mkdirSync(data);
    writeFileSync(
      join(data, 'meta.properties'),
      `version=1\ncluster.id=${cluster}\nnode.id=1\ndirectory.id=${randomBytes(16).toString('base64url')}\n`,
    );
    return KafkaBroker.begun(port, directory, configuration, guardedPort);
  }

  private static async begun(port: number, directory: string, configuration: string, guardedPort: number): Promise<KafkaBroker> {
    const broker = new KafkaBroker(`127.0.0.1:${port}`, directory, configuration, `127.0.0.1:${guardedPort}`);
    await broker.begin();
    return broker;
  }

  /** Starts it where it was; it answers on return. */
  async begin(): Promise<void> {
    const memory = ['-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];
    const child = spawn('java', [...memory, '-cp', join(home, 'libs', '*'), 'kafka.Kafka', this.configuration], {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => this.hear(text.toString()));
    this.child = child;
    await this.untilItAnswers();
  }

  /** `kill -9`; on return the process is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Makes a topic; it can be written to on return. */
  async newTopic(name: string, partitions: number): Promise<void> {
    const admin = this.admin();
    try {
      await admin.createTopics({ topics: [name], partitions, replicas: 1 });
      await untilTrue(
        async () => (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name)?.partitionsCount === partitions,
      );
    } finally {
      await admin.close();
    }
  }

  /** Gives a topic one partition more. */
  async addPartition(name: string, count: number): Promise<void> {
    const admin = this.admin();
    await admin.createPartitions({ topics: [{ name, count, assignments: [{ brokerIds: [1] }] }] }).finally(() => admin.close());
  }

  /** What retention does: the first records of a partition are gone. @param offset  the first that stays */
  async deleteBefore(topic: string, partition: number, offset: number): Promise<void> {
    const admin = this.admin();
    const partitions = [{ partition, offset: BigInt(offset) }];
    await admin.deleteRecords({ topics: [{ name: topic, partitions }] }).finally(() => admin.close());
  }

  /** Offsets that a group has committed, by partition; −1: none. */
  async committed(group: string, topic: string): Promise<number[]> {
    const admin = this.admin();
    try {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
      const partitions = found?.topics.find(({ name }) => name === topic)?.partitions ?? [];
      return [...partitions].sort((a, b) => a.partitionIndex - b.partitionIndex).map(({ committedOffset }) => Number(committedOffset));
    } finally {
      await admin.close();
    }
  }

  /** Writes records, in this order. @param compression  of the batches they travel in */
  async produce(records: readonly Produced[], compression: Compression = 'none'): Promise<void> {
    const producer = new Producer<string, Buffer, string, string>({
      ...this.client(),
      serializers: { ...stringSerializers, value: (bytes?: Buffer) => bytes },
    });
    try {
      for (let start = 0; start < records.length; start += 200) {
        const messages = records.slice(start, start + 200).map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value) }));
        await producer.send({ messages, acks: -1, compression });
      }
    } finally {
      await producer.close();
    }
  }

  private admin(): Admin {
    return new Admin(this.client());
  }

  private client(): { clientId: string; bootstrapBrokers: string[]; retries: number; retryDelay: number } {
    return { clientId: 'spec', bootstrapBrokers: [this.address], retries: 20, retryDelay: 100 };
  }

  private async untilItAnswers(): Promise<void> {
    const { child } = this;
    for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(100)) {
      if (child?.exitCode !== null) throw new Error(`the broker ended: ${this.said}`);
      const admin = new Admin({ ...this.client(), retries: 0, timeout: 2_000 });
      const answers = await admin.listTopics().then(
        () => true,
        () => false,
      );
      await admin.close().catch(() => undefined);
      if (answers) return;
    }
    throw new Error(`the broker did not answer within 90 s: ${this.said}`);
  }

  private hear(text: string): void {
    this.said = `${this.said}${text}`.slice(-4_000);
  }
}

async function untilTrue(ask: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) if (await ask().catch(() => false)) return;
  throw new Error('waited in vain for the topic');
}

const settings = (port: number, controllerPort: number, data: string, guardedPort: number, isGuarded: boolean): string[] =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${guardedPart(guardedPort, isGuarded)}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${guardedPart(guardedPort, isGuarded)}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL',
    'log.dirs': data,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 1_000,
    'broker.heartbeat.interval.ms': 200,
    'group.min.session.timeout.ms': 500,
    'auto.create.topics.enable': false,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.enable': false,
    'message.max.bytes': 8_000_000,
  }).map(([name, value]) => `${name}=${value}`);

const guardedPart = (port: number, isGuarded: boolean): string => (isGuarded ? `,GUARDED://127.0.0.1:${port}` : '');

const java = (args: readonly string[]): void =>
  void execFileSync('java', ['-XX:TieredStopAtLevel=1', '-cp', join(home, 'libs', '*'), ...args], { stdio: 'pipe' });

/** A certificate of its own, and the users. */
function guardedListener(directory: string, { user, password }: BrokerGuard): string[] {
  const [store, secret] = [join(directory, 'broker.p12'), 'changeit'];
  const keystore = ['-alias', 'broker', '-storetype', 'PKCS12', '-keystore', store, '-storepass', secret];
  const options = { stdio: 'pipe', cwd: directory } as const;
  execFileSync(
    'keytool',
    ['-genkeypair', ...keystore, '-keyalg', 'EC', '-validity', '2', '-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1'],
    options,
  );
  execFileSync('keytool', ['-exportcert', '-rfc', ...keystore, '-file', join(directory, 'broker.pem')], options);
  const prefix = 'listener.name.guarded';
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return [
    `${prefix}.ssl.keystore.type=PKCS12`,
    `${prefix}.ssl.keystore.location=${store}`,
    `${prefix}.ssl.keystore.password=${secret}`,
    `${prefix}.ssl.key.password=${secret}`,
    `${prefix}.sasl.enabled.mechanisms=PLAIN,${mechanisms.join(',')}`,
    `${prefix}.plain.sasl.jaas.config=${plain}`,
    ...mechanisms.map((name) => `${prefix}.${name.toLowerCase()}.sasl.jaas.config=${scram}`),
  ];
}
