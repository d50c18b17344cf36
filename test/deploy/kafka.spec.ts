import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadSettings, variables } from '../../src/config/index.js';

// biome-ignore lint/suspicious/noExplicitAny: manifests have whatever shape they have; the expectations say which
const read = (file: string): any => parse(readFileSync(`deploy/kafka/${file}`, 'utf8'), { merge: true });
const { services } = read('docker-compose.yaml');
const collector = read('collector.yaml');

/** What a replica is given, without what only exists in its container. */
const environmentOf = (service: string): Record<string, string> => {
  const { ASSAY_TOKENS_FILE: _tokens, ...rest } = services[service].environment as Record<string, string>;
  return { ...rest, DATABASE_URL: 'postgres://assay:x@postgres:5432/assay' };
};

describe('the example with Kafka', () => {
  it.each(['assay', 'assay-ingest'])('gives %s settings that it starts with', (service) => {
    const known = new Set(variables.map(({ name }) => name));
    expect(Object.keys(environmentOf(service)).filter((name) => !known.has(name))).toEqual([]);
    expect(loadSettings(environmentOf(service)).kafka).toMatchObject({ brokers: ['kafka:9092'], group: 'assay' });
  });

  it('reads the topics that the Collector writes, as the protobuf that it reads', () => {
    const { kafka } = collector.exporters;
    const topics = loadSettings(environmentOf('assay')).kafka?.topics;
    expect([kafka.traces, kafka.metrics]).toEqual([
      { topic: topics?.traces, encoding: 'otlp_proto' },
      { topic: topics?.metrics, encoding: 'otlp_proto' },
    ]);
    expect(kafka.brokers).toEqual(['kafka:9092']);
    for (const topic of [topics?.traces, topics?.metrics]) expect(services.topics.command[0]).toContain(topic);
  });

  it('keeps the values of a stream together, and all replicas in one database', () => {
    expect(collector.exporters.kafka.partition_metrics_by_resource_attributes).toBe(true);
    const databases = ['assay', 'assay-ingest'].map((service) => services[service].environment.DATABASE_URL);
    expect(new Set(databases).size).toBe(1);
  });

  it('sends every pipeline to Kafka', () => {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const pipelines = Object.values<any>(collector.service.pipelines);
    expect(pipelines.map(({ exporters }) => exporters)).toEqual(pipelines.map(() => ['kafka']));
  });
});
