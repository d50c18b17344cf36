import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMap, isSeq, type Node, parseDocument } from 'yaml';
import { measureDepth } from './check-text.js';
import { parseTemplate } from './parse-template.js';

const full = (unit: string): string => unit.repeat(Math.floor(65_000 / unit.length));

const bombs: Record<string, string> = {
  'billion laughs': `a: &a [x, x]\n${'bcdefghi'
    .split('')
    .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[index]}`)}]`)
    .join('\n')}`,
  '100 000 brackets': '['.repeat(100_000),
  '65 000 brackets': full('['),
  '65 000 braces': full('{'),
  'nested lists without brackets': full('- '),
  'nested explicit keys': full('? '),
  'nested mappings on one line': full('a: '),
  'nested pairs in lists': full('[a: '),
  '75 000 keys': Array.from({ length: 75_000 }, (_, index) => `k${index}: 1`).join('\n'),
  'as many keys as fit': Array.from({ length: 9_000 }, (_, index) => `k${index}:`).join('\n'),
  'as many keys as fit between braces': `{${Array.from({ length: 8_000 }, (_, index) => `k${index}`).join(',')}}`,
  'as many keys as may be': `{${Array.from({ length: 4_900 }, (_, index) => `k${index}`).join(',')}}`,
  'empty brackets': full('[]'),
  'empty quotes': full('"'),
  'a quote that is never closed': `a: "${full('x')}`,
  backslashes: `a: "${full('\\\\')}`,
  'many anchors': full('&a '),
  'many tags': full('!!a '),
  'many documents': full('---\n'),
  'many directives': full('%a\n'),
  'block scalars': full('a: |\n'),
  'only spaces': full(' '),
  'only tabs': full('\t'),
  'only line breaks': full('\n'),
  'only carriage returns': full('\r'),
  'only placeholders that never end': `a: "${full('${')}"`,
  dollars: `a: "${full('$')}"`,
  'a function': "a: !!js/function 'function () { throw 1 }'",
  'a NUL': 'apiVersion: \0',
  'half a character': 'a: \ud800',
  'a very long key': `${full('k')}: 1`,
  'a very long word in a metric': `spec: { metrics: [{ ${full('x')}: 1 }] }`,
};

/** A guard against texts that hang, not a measurement: a bomb that works takes minutes, and machines are shared. */
const patienceMs = 4_000;

describe('a hostile text', () => {
  it.each(Object.entries(bombs))('%s is refused, and hangs nothing', (_, text) => {
    const started = performance.now();
    const { template, issues } = parseTemplate(text);
    expect(performance.now() - started).toBeLessThan(patienceMs);
    expect(template).toBeNull();
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.length).toBeLessThanOrEqual(100);
    for (const { message, repair } of issues) expect(message.length + repair.length).toBeLessThan(700);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('cannot bring %s in', (name) => {
    const text = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
${name}: { polluted: true }
metadata: { name: shop, labels: { ${name}: x }, ${name}: x }
spec:
  arguments: { ${name}: { type: string, ${name}: x } }
  metrics:
    - { name: ${name}, role: critical, source: traces, gauge: { of: { ${name}: x } }, limit: 1, ${name}: { polluted: true } }
  phases: [{ weight: 1, margins: { ${name}: { relative: 1 } } }]
`;
    expect(parseTemplate(text).template).toBeNull();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('never throws, whatever it is', () => {
    const word = fc.constantFrom(
      ...'[]{}:,-?!&*|>%@`"\'#\n '.split(''),
      '  ',
      '\n  ',
      '\n- ',
      ': ',
      '${',
      '}',
      '~',
      '.nan',
      '.inf',
      '<<',
      'spec',
      'metrics',
    );
    fc.assert(fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 60 }), (words) => void parseTemplate(words.join(''))));
  });

  it('never throws where it is JSON, which is YAML too', () => {
    const keys = fc.constantFrom(
      'apiVersion',
      'kind',
      'metadata',
      'spec',
      'metrics',
      'name',
      'role',
      'source',
      'margin',
      'of',
      'at',
      'arguments',
      '__proto__',
    );
    const values = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(fc.property(values, (value) => void parseTemplate(JSON.stringify({ spec: { metrics: [value] }, metadata: value }))));
  });

  it('never throws when one character of a good template is changed', () => {
    const text = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  arguments: { job: { type: string, pattern: '[a-z]+' } }
  metrics:
    - name: errors
      role: critical
      source: prometheus
      proportion: { events: 'failed_total{job="\${job}"}', of: 'all_total{job="\${job}"}' }
      margin: { relative: 0.1, absolute: 0.01 }
  cohorts: { by: version }
`;
    expect(parseTemplate(text).issues).toEqual([]);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, inserted) => {
        const { template, issues } = parseTemplate(text.slice(0, at) + inserted + text.slice(at + 1));
        return template !== null || issues.some(({ severity }) => severity === 'error');
      }),
    );
  });
});

describe('the measured depth', () => {
  const depthOf = (node: unknown): number => {
    if (isMap(node)) return 1 + Math.max(0, ...node.items.map(({ key, value }) => Math.max(depthOf(key), depthOf(value as Node))));
    return isSeq(node) ? 1 + Math.max(0, ...node.items.map(depthOf)) : 0;
  };

  it('is at most one less than what the parser builds', () => {
    const word = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '- ',
      '? ',
      ': ',
      'a',
      'a: ',
      '\n',
      '\n ',
      '\n  ',
      "'",
      '"',
      ' #',
      '|\n',
      '>-\n',
      ',',
      ' ',
      '"a\n b": ',
    );
    const text = fc
      .array(word, { maxLength: 8 })
      .chain((words) => fc.integer({ min: 1, max: 6 }).map((times) => words.join('').repeat(times)));
    fc.assert(
      fc.property(text, (written) => {
        const built = parseDocument(written, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
        return depthOf(built.contents) <= measureDepth(written).depth + 1;
      }),
      { numRuns: 300 },
    );
  });
});
