import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseTemplate } from './parse-template.js';

const template = (gauge: object, more: object = {}, schedule: object = { window: '60s' }): object => ({
  apiVersion: 'assay.dev/v1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'shop' },
  spec: {
    cohorts: { by: 'service.version' },
    schedule,
    metrics: [{ name: 'level', role: 'critical', source: 'prometheus', gauge, margin: { absolute: 5 }, ...more }],
  },
});
const codesOf = (...parts: Parameters<typeof template>): string[] =>
  parseTemplate(stringify(template(...parts))).issues.map(({ code }) => code);

describe('the queries of a metric', () => {
  it('keep the label of the cohorts as Prometheus names it', () => {
    expect(codesOf({ query: 'avg by (service_version) (memory_bytes)' })).toEqual([]);
    expect(codesOf({ query: 'avg by (version) (memory_bytes)' })).toEqual(['cohort-lost']);
    expect(codesOf({ query: 'memory_bytes{service_version="1.4"}' })).toEqual(['cohort-fixed']);
  });

  it('need no label where Assay adds it', () => expect(codesOf({ of: 'memory_bytes{job="shop"}' })).toEqual([]));

  it('are held against the unit that the author says, or that the limit gives away', () => {
    const query = 'histogram_quantile(0.9, sum by (le, service_version) (rate(d_seconds_bucket[1m])))';
    const limited = (limit: unknown, unit?: string) => codesOf({ query }, { margin: undefined, limit, unit });
    expect(limited(0.5)).toEqual([]);
    expect(limited(500)).toEqual(['unit-mismatch']);
    expect(limited('500ms', 's')).toEqual([]);
    expect(limited('500ms', 'ms')).toEqual(['unit-mismatch']);
  });

  it('are read as often as Prometheus scrapes', () => {
    const text = stringify(template({ query: 'sum by (service_version) (rate(c_total[1m]))' }));
    expect(parseTemplate(text).issues).toEqual([]);
    expect(parseTemplate(text, 'shop.yaml', 60).issues.map(({ path }) => path)).toEqual([
      'spec.schedule.window',
      'spec.metrics[0].gauge.query',
    ]);
  });

  it('may ask for levels that are often zero, but not for a share more of nothing', () => {
    const relative = { margin: { relative: 0.1 } };
    expect(codesOf({ of: 'queue_length{job="shop"}' }, relative)).toEqual([]);
    expect(codesOf({ of: 'rejected_orders{job="shop"}' }, relative)).toEqual(['relative-margin-only']);
  });

  it('never bring the reader down, however they are written, and mistakes stand inside the text', () => {
    const word = fc.constantFrom(
      ...'sum ( ) { } [5m] a ="b" or vector(0) / "x\'y" \\d ${q} {{q}} \n , rate by'.split(' '),
      ' ',
      '\n\n',
      '😀',
    );
    const query = fc
      .array(fc.oneof(word, fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 15 })
      .map((words) => words.join(' '));
    const style = fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED' as const);
    fc.assert(
      fc.property(query, style, (written, defaultStringType) => {
        const text = stringify(template({ query: written }), { defaultStringType, defaultKeyType: 'PLAIN', lineWidth: 40 });
        const lines = text.split('\n');
        for (const { line, column, severity } of parseTemplate(text).issues) {
          expect(['error', 'warning']).toContain(severity);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
        }
      }),
      { numRuns: 100 },
    );
  });
});
