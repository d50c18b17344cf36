import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadSettings } from '../../src/config/index.js';

// biome-ignore lint/suspicious/noExplicitAny: the configuration has whatever shape it has; the expectations say which
const collector: any = parse(readFileSync('deploy/collector/collector.yaml', 'utf8'));
const exporter = collector.exporters['otlphttp/assay'];
// biome-ignore lint/suspicious/noExplicitAny: as above
const pipelines = Object.values<any>(collector.service.pipelines);

describe('the example with a Collector', () => {
  it('names no part that is not there, and uses every part', () => {
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      const used = pipelines.flatMap((pipeline) => pipeline[kind] as string[]);
      expect([...new Set(used)].sort()).toEqual(Object.keys(collector[kind]).sort());
    }
    expect(collector.service.extensions).toEqual(Object.keys(collector.extensions));
  });

  it('sends everything to Assay, packed as Assay unpacks it, with a token that is not written down', () => {
    expect(pipelines.map(({ exporters }) => exporters)).toEqual(pipelines.map(() => ['otlphttp/assay']));
    expect(exporter).toMatchObject({
      compression: 'zstd',
      endpoint: '${env:ASSAY_OTLP_ENDPOINT}',
      headers: { authorization: 'Bearer ${env:ASSAY_INGEST_TOKEN}' },
    });
  });

  it('waits and tries again, in bounded memory, with requests that are small enough', () => {
    expect([exporter.retry_on_failure.enabled, exporter.sending_queue.enabled]).toEqual([true, true]);
    expect(pipelines.every(({ processors }) => processors[0] === 'memory_limiter')).toBe(true);
    const generousSpan = 2_048;
    expect(collector.processors.batch.send_batch_max_size * generousSpan).toBeLessThan(loadSettings({}).otlp.maxBodyBytes);
  });

  it('keeps the attributes that the templates of Assay read', () => {
    const statements = JSON.stringify(collector.processors['transform/templates'].trace_statements);
    const templates = readdirSync('analysis-templates').filter((file) => file.endsWith('.yaml'));
    const text = templates.map((file) => readFileSync(`analysis-templates/${file}`, 'utf8')).join('\n');
    const read = new Set(text.match(/\b(?:k8s|http|service|rpc|messaging)\.[a-z_.]+[a-z]/g));
    expect(read.size).toBeGreaterThan(3);
    expect([...read].filter((attribute) => !statements.includes(`\\"${attribute}\\"`))).toEqual([]);
  });
});
