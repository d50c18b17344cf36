import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Database } from '../../src/storage/index.js';
import { KafkaBroker, kafkaIsThere } from '../support/kafka-broker.js';
import { until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { tracesOf } from '../support/otlp-samples.js';
import { postgresIsThere, startPostgres } from '../support/postgres.js';
import { ServerProcess } from '../support/server-process.js';
import { closedIn, spansIn } from './replicas.js';

const runs = kafkaIsThere() && (process.env['ASSAY_REQUIRE_SERVERS'] === '1' || postgresIsThere());

const template = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: through-kafka }
spec:
  arguments: { service: { type: string } }
  schedule: { window: 1s, lateness: 1s, warmup: 2s, minDuration: 4s, minSamples: 100, deadline: 60s, staleAfter: 20s }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: '\${service}' }, events: { status: error } }
      margin: { absolute: 0.1 }
`;

(runs ? describe : describe.skip)('a run whose telemetry comes through Kafka', () => {
  it('is rolled back although a replica is killed, and no span is missing or counted twice', async () => {
    const [broker, postgres] = await Promise.all([KafkaBroker.start(), startPostgres()]);
    const folder = mkdtempSync(join(tmpdir(), 'assay-through-kafka-'));
    const servers: ServerProcess[] = [];
    const databases: Database[] = [];
    try {
      writeFileSync(join(folder, 'through-kafka.yaml'), template);
      const [url] = await Promise.all([postgres.newDatabase(), broker.newTopic('otlp_spans', 4)]);
      const environment = {
        DATABASE_URL: url,
        ASSAY_TEMPLATES: folder,
        ASSAY_OTLP_KAFKA_BROKERS: broker.address,
        ASSAY_OTLP_KAFKA_SESSION_TIMEOUT: '1500ms',
        ASSAY_OTLP_THREADS: '0',
      };
      servers.push(...(await Promise.all([ServerProcess.start(environment), ServerProcess.start(environment)])));
      const [judge, other] = servers as [ServerProcess, ServerProcess];
      const body = { template: 'through-kafka', arguments: { service: 'shop' }, baseline: '1.0', canary: '2.0' };
      const started = await judge.post('/v1/runs', body);
      expect(started.status).toBe(202);
      const verdict = async (): Promise<{ decision: string; final: boolean; looks: number }> =>
        (await judge.get(`/v1/runs/${started.json.id}/verdict`)).json ?? { decision: 'none', final: false, looks: 0 };

      let written = 0;
      let healthy = true;
      const write = async (): Promise<void> => {
        const records = Array.from({ length: 8 }, (_, index) => {
          const isCanary = index % 2 === 0;
          const spans = Array.from({ length: 10 }, (__, span) => ({
            endMs: Date.now(),
            status: isCanary && !healthy && span < 4 ? 2 : 0,
          }));
          const resource = { 'service.name': 'shop', 'service.version': isCanary ? '2.0' : '1.0' };
          return { topic: 'otlp_spans', partition: (index + (written % 3)) % 4, value: encodeOtlp('Traces', tracesOf(resource, spans)) };
        });
        await broker.produce(records);
        written += 80;
      };
      await until(
        async () => {
          await write();
          return verdict();
        },
        ({ looks }) => looks >= 2,
      );
      await other.kill();
      healthy = false;
      const final = await until(
        async () => {
          await write();
          return verdict();
        },
        (answer) => answer.final,
      );
      expect(final.decision).toBe('rollback');

      const database = await Database.open({ databaseUrl: url, directory: '' });
      databases.push(database);
      const closed = await until(
        () => closedIn(database),
        (windows) => spansIn(windows) >= written,
      );
      expect(spansIn(closed)).toBe(written);
      expect(closed.every(({ flags }) => flags.late === 0)).toBe(true);
      const readiness = await judge.get('/readyz');
      expect(readiness.json.sources).toEqual([{ name: 'kafka', status: 'ok', detail: null }]);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
      await Promise.all(databases.map((database) => database.close()));
      await Promise.all([broker.stop(), postgres.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
