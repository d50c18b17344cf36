import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSelector } from './promql-selector.js';
import { isProblem, promqlTokens, shapeOf, stringValue } from './promql-tokens.js';

const words = (query: string): string[] => {
  const tokens = promqlTokens(query);
  return isProblem(tokens) ? [tokens.problem] : tokens.map(({ kind, text }) => `${kind}:${text}`);
};

describe('the words of a query', () => {
  it.each([
    ['a{b="c"}', ['name:a', 'operator:{', 'name:b', 'operator:=', 'string:"c"', 'operator:}']],
    [
      'rate(x[5m:30s])',
      ['name:rate', 'operator:(', 'name:x', 'operator:[', 'duration:5m', 'operator::', 'duration:30s', 'operator:]', 'operator:)'],
    ],
    ['1.5e3 * .5 - 0x1F', ['number:1.5e3', 'operator:*', 'number:.5', 'operator:-', 'number:0x1F']],
    ['job:errors:rate5m offset 1h30m', ['name:job:errors:rate5m', 'name:offset', 'duration:1h30m']],
    ['a # "not a string\n + b', ['name:a', 'operator:+', 'name:b']],
    ['{a="}"}', ['operator:{', 'name:a', 'operator:=', 'string:"}"', 'operator:}']],
    ['${n} + "${s}"', ['placeholder:${n}', 'operator:+', 'string:"${s}"']],
    ["'it\\'s' `raw\\`", ["string:'it\\'s'", 'string:`raw\\`']],
  ])('%s', (query, expected) => expect(words(query)).toEqual(expected));

  it.each([
    ['a{b="c}', 'the quote " is never closed'],
    ['a{b="c"', "'{' is never closed"],
    ['sum(a]', "'(' is closed by ']'"],
    ['a)', "')' closes nothing"],
    ['a ; b', "'; b' is no PromQL"],
    ['$x', "'$x' is no PromQL"],
  ])('%s: %s', (query, problem) => expect(words(query)).toEqual([problem]));

  it('have a shape that forgets what stands in quotes', () => {
    const shape = (query: string): string => {
      const tokens = promqlTokens(query);
      return isProblem(tokens) ? '' : shapeOf(tokens);
    };
    expect(shape('a{b="x"} > 1')).toBe(shape('a{b="longer"}>5m'));
    expect(shape('a{b="x"}')).not.toBe(shape('a{b!="x"}'));
  });

  it('are found in any text without an exception, and give it back', () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        const tokens = promqlTokens(query);
        return isProblem(tokens) || tokens.every(({ text, offset }) => query.slice(offset, offset + text.length) === text);
      }),
    );
  });
});

describe('a plain selector', () => {
  const selector = (query: string): unknown => {
    const tokens = promqlTokens(query);
    return isProblem(tokens) ? tokens : readSelector(tokens);
  };

  it.each([
    ['up', { name: 'up', matchers: [] }],
    ['up{}', { name: 'up', matchers: [] }],
    ['up{job="a\\"b",}', { name: 'up', matchers: [{ attribute: 'job', operator: '=', value: 'a"b' }] }],
    ['{__name__=~"a.*"}', { name: null, matchers: [{ attribute: '__name__', operator: '=~', value: 'a.*' }] }],
  ])('%s', (query, expected) => expect(selector(query)).toEqual(expected));

  it.each(['{}', 'up[5m]', 'rate(up[5m])', 'up + 1', 'up{job}', 'up{job="a" b="c"}', 'up{job==1}', 'up offset 5m', '1', '"up"'])(
    'is not %s',
    (query) => expect(selector(query)).toBeNull(),
  );

  it('has the value that its quotes mean', () => {
    expect(stringValue('"a\\\\b\\n"')).toBe('a\\b\n');
    expect(stringValue('`a\\b`')).toBe('a\\b');
  });
});
