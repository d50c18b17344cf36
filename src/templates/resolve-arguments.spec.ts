import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequestError, type Issue, type Template } from '../domain/index.js';
import { parseTemplate } from './parse-template.js';
import { argumentValues, resolveArguments } from './resolve-arguments.js';

const written = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop, title: 'Shop \${service}, not $\${this}' }
spec:
  arguments:
    service: { type: string, pattern: '[a-zA-Z0-9.$()|*+ -]{1,40}' }
    zone: { type: string, oneOf: [eu, us], default: eu }
    shards: { type: integer, min: 1, max: 9, default: 3 }
    share: { type: number, default: 0.02, min: 0, max: 0.9 }
    slow: { type: duration, default: 300ms, min: 10ms, max: 10s }
    cached: { type: boolean, default: false }
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion:
        of: { service.name: '\${service}', zone: '=~\${zone}-.*', cached: '\${cached}', route: '!~/\${service}/.*' }
        events: { status: error }
      limit: '\${share}'
    - name: slow
      source: traces
      percentiles: { of: { service.name: '\${service}', shard: '\${shards}' }, at: [0.99] }
      limit: '\${slow}'
`;

function shop(): Template {
  const { template, issues } = parseTemplate(written);
  expect(issues).toEqual([]);
  if (template === null) throw new Error('there is no template');
  return template;
}

function issuesOf(values: Record<string, string | number | boolean>): readonly Issue[] {
  try {
    resolveArguments(shop(), values);
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.issues;
    throw error;
  }
  return [];
}

const conditions = (template: Template): string[] => {
  const [first] = template.metrics;
  return first?.kind === 'proportion' && first.of.type === 'pushed'
    ? first.of.matchers.map((m) => `${m.attribute}${m.operator}${m.value}`)
    : [];
};

describe('filling in arguments', () => {
  it('puts values and defaults where they stand', () => {
    const filled = resolveArguments(shop(), { service: 'checkout', slow: '1s', share: 0.5 });
    expect(conditions(filled)).toEqual(['service.name=checkout', 'zone=~eu-.*', 'cached=false', 'route!~/checkout/.*']);
    expect(filled.metrics.map(({ limit }) => limit)).toEqual([0.5, 1]);
    expect(filled.title).toBe('Shop checkout, not ${this}');
    expect(filled.numbersFromArguments).toBeUndefined();
    expect(filled.hash).toBe(shop().hash);
  });

  it('takes a text for any type, as the command line gives it', () => {
    const filled = resolveArguments(shop(), { service: 'a', shards: '5', share: '0.25', cached: 'true' });
    expect(filled.metrics[0]?.limit).toBe(0.25);
    expect(argumentValues(shop(), { service: 'a', shards: '5' })).toMatchObject({ shards: '5', zone: 'eu', slow: '300ms' });
  });

  it('quotes a value inside a pattern, and leaves it alone elsewhere', () => {
    expect(conditions(resolveArguments(shop(), { service: 'a.b|(c)*' }))).toEqual([
      'service.name=a.b|(c)*',
      'zone=~eu-.*',
      'cached=false',
      'route!~/a\\.b\\|\\(c\\)\\*/.*',
    ]);
  });

  it('never looks into what was put in', () => {
    expect(conditions(resolveArguments(shop(), { service: '$(zone)' }))[0]).toBe('service.name=$(zone)');
  });

  it('leaves no placeholder behind', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9.$()|*+ -]{1,40}$/), (service) => {
        const [first] = conditions(resolveArguments(shop(), { service }));
        return first === `service.name=${service}`;
      }),
    );
  });
});

describe('values that do not fit', () => {
  it('are all told at once', () => {
    const issues = issuesOf({ servce: 'a', zone: 'asia', shards: 1.5, share: 2, slow: 15, cached: 'yes' });
    expect(issues.map(({ code, path }) => [path, code])).toEqual([
      ['arguments.servce', 'unknown-argument'],
      ['arguments.service', 'missing-argument'],
      ['arguments.zone', 'invalid-value'],
      ['arguments.shards', 'wrong-type'],
      ['arguments.share', 'out-of-range'],
      ['arguments.slow', 'wrong-type'],
      ['arguments.cached', 'wrong-type'],
    ]);
    expect(issues[0]?.repair).toBe("did you mean 'service'?");
  });

  it.each([
    ['a pattern that matches a part only', { service: 'a"b' }, 'invalid-value'],
    ['a line break', { service: 'a\nb' }, 'control-character'],
    ['a text of 2 000 characters', { service: 'a'.repeat(2000) }, 'too-long'],
    ['a duration below its minimum', { service: 'a', slow: '1ms' }, 'out-of-range'],
    ['an infinite number', { service: 'a', share: 'Infinity' }, 'wrong-type'],
    ['a number in hexadecimal', { service: 'a', shards: '0x5' }, 'wrong-type'],
    ['a limit that no share can have', { service: 'a', share: 0 }, 'out-of-range'],
    ['a name that every object has', { service: 'a', constructor: 'x' }, 'unknown-argument'],
  ])('%s', (_, values, code) => expect(issuesOf(values).map((issue) => issue.code)).toEqual([code]));
});
