import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { KafkaSettings } from '../../src/config/index.js';
import type { Database } from '../../src/storage/index.js';
import { KafkaBroker, kafkaIsThere } from '../support/kafka-broker.js';
import { until } from '../support/otlp-ingest.js';
import { openMemoryStore } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { closedIn, kafkaSettings, promptPlan, Replica, requestsOf, spansIn, windowsOf } from './replicas.js';

const guard = { user: 'assay', password: 'what-only-brokers-know' };
const folder = temporaryFolder('guarded-kafka');

(kafkaIsThere() ? describe : describe.skip)('a broker that is encrypted and asks for a password', () => {
  let broker: KafkaBroker;
  let database: Database;
  let replica: Replica;

  beforeAll(async () => {
    broker = await KafkaBroker.start(guard);
    writeFileSync(join(folder, 'password'), `${guard.password}\n`);
  }, 90_000);
  afterAll(() => broker?.stop());
  afterEach(async () => {
    await replica.stop();
    await database.close();
  });

  async function readAs(topic: string, more: Partial<KafkaSettings>): Promise<Replica> {
    database = await openMemoryStore();
    const tls = { caFile: broker.certificateFile, certFile: null, keyRef: null };
    replica = new Replica(database, kafkaSettings(broker.guardedAddress, topic, { tls, ...more }), promptPlan);
    return replica;
  }

  const problem = (): Promise<string> =>
    replica.ingest.ping().then(
      () => '',
      (error: Error) => error.message,
    );

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('is read by who knows it, with %s', async (mechanism) => {
    const topic = `guarded-${mechanism}`;
    await broker.newTopic(topic, 3);
    const records = requestsOf(topic, 30);
    await broker.produce(records);
    await readAs(topic, { sasl: { mechanism, username: guard.user, passwordRef: `file:${join(folder, 'password')}` } });
    const closed = await until(
      () => closedIn(database),
      (windows) => windows.length > 0,
    );
    expect(spansIn(closed)).toBe(spansIn(windowsOf(records)));
  });

  it('is not read with another password, which no message repeats', async () => {
    await broker.newTopic('not-for-all', 1);
    writeFileSync(join(folder, 'wrong'), 'something-else-altogether');
    await readAs('not-for-all', {
      sasl: { mechanism: 'SCRAM-SHA-512', username: guard.user, passwordRef: `file:${join(folder, 'wrong')}` },
    });
    const said = await until(problem, (text) => /authentication/i.test(text));
    expect(said).not.toContain('something-else-altogether');
  });

  it('is not read when the password cannot be found, and the reference is named', async () => {
    await broker.newTopic('no-password', 1);
    const passwordRef = `file:${join(folder, 'missing')}`;
    await readAs('no-password', { sasl: { mechanism: 'PLAIN', username: guard.user, passwordRef } });
    await until(problem, (text) => text.includes(`${passwordRef} is missing or empty`));
  });

  it('is not trusted without its authority', async () => {
    await broker.newTopic('not-trusted', 1);
    const sasl = { mechanism: 'PLAIN', username: guard.user, passwordRef: `file:${join(folder, 'password')}` } as const;
    await readAs('not-trusted', { sasl, tls: { caFile: null, certFile: null, keyRef: null } });
    await until(problem, (text) => /self-signed|certificate/i.test(text));
  });
});
