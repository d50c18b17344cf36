import { describe, expect, it } from '@jest/globals';
import { loadSettings } from './load-settings.js';
import { secretValues } from './secret-values.js';

const brokers = { ASSAY_OTLP_KAFKA_BROKERS: 'kafka-0.kafka:9092, kafka-1.kafka:9092' };

function problemsOf(environment: Record<string, string>): string {
  try {
    loadSettings(environment);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('settings of Kafka', () => {
  it('are none where no broker is named', () => {
    expect(loadSettings({}).kafka).toBeNull();
    expect(problemsOf({ ASSAY_OTLP_KAFKA_GROUP: 'x' })).toContain('ASSAY_OTLP_KAFKA_GROUP is set but ASSAY_OTLP_KAFKA_BROKERS is not');
  });

  it("read the Collector's topic of traces and nothing else unless told", () => {
    expect(loadSettings(brokers).kafka).toEqual({
      brokers: ['kafka-0.kafka:9092', 'kafka-1.kafka:9092'],
      topics: { traces: 'otlp_spans', metrics: null, logs: null },
      group: 'assay',
      clientId: 'assay',
      sessionTimeoutSeconds: 10,
      tls: null,
      sasl: null,
    });
  });

  it('name secrets by reference, and those are kept out of logs', () => {
    const environment = {
      ...brokers,
      ASSAY_OTLP_KAFKA_METRICS_TOPIC: 'otlp_metrics',
      ASSAY_OTLP_KAFKA_TLS: 'on',
      ASSAY_OTLP_KAFKA_TLS_CA: '/etc/kafka/ca.pem',
      ASSAY_OTLP_KAFKA_SASL_USERNAME: 'assay',
      ASSAY_OTLP_KAFKA_SASL_PASSWORD: 'env:KAFKA_PASSWORD',
      KAFKA_PASSWORD: 'a long password',
    };
    const settings = loadSettings(environment);
    expect(settings.kafka).toMatchObject({
      topics: { traces: 'otlp_spans', metrics: 'otlp_metrics', logs: null },
      tls: { caFile: '/etc/kafka/ca.pem', certFile: null, keyRef: null },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'assay', passwordRef: 'env:KAFKA_PASSWORD' },
    });
    expect(secretValues(settings, environment)).toContain('a long password');
    const refused = problemsOf({ ...environment, ASSAY_OTLP_KAFKA_SASL_PASSWORD: 'a long password' });
    expect(refused).toContain('give env:NAME or file:/path, not the secret itself');
    expect(refused).not.toContain('a long password');
  });

  it.each([
    [{ ASSAY_OTLP_KAFKA_BROKERS: 'kafka://broker:9092' }, 'give host:port,host:port'],
    [{ ASSAY_OTLP_KAFKA_TRACES_TOPIC: 'a topic' }, 'ASSAY_OTLP_KAFKA_TRACES_TOPIC is "a topic"'],
    [{ ASSAY_OTLP_KAFKA_TRACES_TOPIC: 'off' }, 'name a topic'],
    [{ ASSAY_OTLP_KAFKA_METRICS_TOPIC: 'otlp_spans' }, 'give each signal a topic'],
    [{ ASSAY_OTLP_KAFKA_TLS_CA: '/ca.pem' }, 'set ASSAY_OTLP_KAFKA_TLS=on'],
    [{ ASSAY_OTLP_KAFKA_TLS: 'on', ASSAY_OTLP_KAFKA_TLS_CERT: '/c.pem' }, '…_TLS_KEY belong together'],
    [{ ASSAY_OTLP_KAFKA_SASL_USERNAME: 'x' }, '…_SASL_PASSWORD belong together'],
    [{ ASSAY_OTLP_KAFKA_SASL_MECHANISM: 'GSSAPI' }, 'give one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512'],
    [{ ASSAY_OTLP_KAFKA_SESSION_TIMEOUT: '1h' }, 'ASSAY_OTLP_KAFKA_SESSION_TIMEOUT'],
  ])('are refused with a way out: %j', (change, problem) => {
    expect(problemsOf({ ...brokers, ...change })).toContain(problem);
  });
});
