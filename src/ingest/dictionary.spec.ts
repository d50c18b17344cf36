import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Dictionary } from './dictionary.js';

/** An AnyValue that is a text. */
function encoded(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([0x0a, ...lengthOf(bytes.length), ...bytes]);
}

const lengthOf = (length: number): number[] => (length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]);

/** Finds the number of a text that stands in a body, with other bytes around it. */
function idIn(dictionary: Dictionary, text: string, before: number, behind: number): number {
  const value = encoded(text);
  const body = new Uint8Array(before + value.length + behind).fill(0x61);
  body.set(value, before);
  return dictionary.idOfValue(new DataView(body.buffer), before, before + value.length);
}

const someText = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ minLength: 8, maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '\0\0',
    'a',
    'a\0',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0',
  ),
  fc.string({ minLength: 100, maxLength: 200 }),
);

describe('Dictionary', () => {
  it('gives the same text the same number and another text another, wherever it stands', () => {
    const dictionary = new Dictionary();
    const places = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 40 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(someText, places), { minLength: 1, maxLength: 20 }), (all) => {
        for (const [text, [before, behind]] of all) {
          const id = idIn(dictionary, text, before, behind);
          expect(dictionary.texts[id]).toBe(text);
          expect(id).toBe(dictionary.idOfText(text));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('still knows every value after thousands of others', () => {
    const dictionary = new Dictionary();
    const texts = Array.from({ length: 9_000 }, (_, index) => `/orders/${index}${'x'.repeat(index % 50)}`);
    const ids = texts.map((text) => idIn(dictionary, text, 0, 64));
    expect(new Set(ids).size).toBe(9_000);
    expect(texts.map((text) => idIn(dictionary, text, 3, 0))).toEqual(ids);
  });

  it('gives what is beyond its limits one number, and keeps those it has', () => {
    const dictionary = new Dictionary({ entries: 10, bytes: 1_000 });
    const ids = Array.from({ length: 20 }, (_, index) => idIn(dictionary, `/${index}`, 0, 40));
    expect(ids.filter((id) => id === Dictionary.overflow).length).toBeGreaterThan(8);
    expect(idIn(dictionary, '/0', 0, 40)).toBe(ids[0]);
    expect(dictionary.crowded).toBe(true);
    dictionary.clear();
    expect(dictionary.texts[idIn(dictionary, '/19', 0, 40)]).toBe('/19');
  });
});
