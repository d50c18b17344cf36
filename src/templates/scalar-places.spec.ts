import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { Findings } from './findings.js';
import { parseYaml } from './yaml-tree.js';

/** The scalar under `q`, with a way to read the text where it says that a character stands. */
function scalarOf(written: string) {
  const root = parseYaml(written, new Findings());
  const node = root?.kind === 'map' ? root.entries.get('q')?.value : undefined;
  if (node?.kind !== 'scalar') throw new Error('no scalar');
  const lines = written.split('\n');
  const rest = (index: number): string => {
    const { line, column } = node.placeOf(index);
    return (lines[line - 1] ?? '').slice(column - 1);
  };
  return { text: node.text, rest, placeOf: node.placeOf };
}

describe('the place of a character inside a value', () => {
  it.each([
    ['plain', 'q: sum(x) / y', '/'],
    ['plain, over several lines', 'q: sum(x)\n   /   y\n   + z', '/'],
    ['single quotes with quotes inside', "q: 'it''s / y'", '/'],
    ['double quotes with escapes', 'q: "a\\"b\\" \\x41 / y"', '/'],
    ['double quotes over lines', 'q: "a\n  b \\\n  c / y"', '/'],
    ['a block', 'q: |\n  sum(x)\n    / y\n', '/'],
    ['a block with a header', 'q: |2- # why\n  sum(x)\n  / y\n', '/'],
    ['a folded block', 'q: >-\n  sum(x)\n\n  + z\n  / y\n', '/'],
    ['an emoji before it', 'q: "😀 \\ud83d\\ude00 / y"', '/'],
  ])('%s', (_, written, mark) => {
    const { text, rest } = scalarOf(written);
    expect(rest(text.indexOf(mark))).toMatch(/^\//);
  });

  it('is exact in a block that begins lines below its key', () => {
    const { text, placeOf } = scalarOf('a: 1\nq: |\n\n    sum(\n      bad\n    )\n');
    expect(placeOf(text.indexOf('bad'))).toEqual({ line: 5, column: 7 });
  });

  it('is exact for every character that is not blank, in every style', () => {
    const value = fc.string({ unit: fc.constantFrom(...'ab\'"\\ {}:#|/\n\t'.split(''), '😀'), maxLength: 40 });
    const style = fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    fc.assert(
      fc.property(value, style, fc.integer({ min: 20, max: 60 }), (query, defaultStringType, lineWidth) => {
        const written = stringify({ q: query }, { defaultStringType: defaultStringType as 'PLAIN', lineWidth });
        const { text, rest } = scalarOf(written);
        [...text].reduce((index, character) => {
          if (!/\s/.test(character)) {
            const there = rest(index);
            expect(there.startsWith(character) || there.startsWith('\\')).toBe(true);
          }
          return index + character.length;
        }, 0);
      }),
    );
  });
});
