import type { Scalar } from 'yaml';

/**
 * Where each character of a scalar's value stands in the text: offsets that may be asked for the character at `index`, and one more for
 * the end. Exact for every character that is no white space, whatever the style: plain, quoted, folded, literal.
 *
 * @param start  offset of the scalar's first character, the quote or the `|` included
 * @param end    offset behind its last
 */
export function scalarOffsets(
  text: string,
  { start, end, type }: { start: number; end: number; type: Scalar['type'] },
  value: string,
): number[] {
  const written = charactersOf(text, { start, end }, type);
  const offsets: number[] = [];
  let next = 0;
  for (const character of value) {
    const found = blank.test(character) ? blankAt(written, next) : sameFrom(written, next, character);
    const offset = written[found ?? next]?.offset ?? end;
    for (let unit = 0; unit < character.length; unit += 1) offsets.push(offset);
    if (found !== null) next = found + 1;
  }
  offsets.push(written[next]?.offset ?? end);
  return offsets;
}

/** Line breaks and indentation are read as one blank, or as none. */
const blankAt = (written: readonly WrittenCharacter[], next: number): number | null =>
  blank.test(written[next]?.character ?? '') ? next : null;

/** Two escapes can stand for one character: then it is a little further, or nowhere. */
const farthest = 4;

function sameFrom(written: readonly WrittenCharacter[], next: number, character: string): number | null {
  let at = next;
  while (blank.test(written[at]?.character ?? '')) at += 1;
  for (let further = 0; further <= farthest; further += 1) if (written[at + further]?.character === character) return at + further;
  return null;
}

const blank = /\s/;

interface WrittenCharacter {
  readonly character: string;
  readonly offset: number;
}

/** The characters that a scalar is written with, escapes resolved. White space is as it is written, and not as it is read. */
function charactersOf(text: string, { start, end }: { start: number; end: number }, type: Scalar['type']): WrittenCharacter[] {
  switch (type) {
    case 'QUOTE_DOUBLE':
      return inDoubleQuotes(text, start + 1, end - 1);
    case 'QUOTE_SINGLE':
      return plain(text, start + 1, end - 1).filter(
        ({ offset }) => !(text[offset] === "'" && text[offset - 1] === "'" && isSecond(text, offset, start)),
      );
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED': {
      const firstLine = text.indexOf('\n', start);
      return plain(text, firstLine < 0 ? end : firstLine + 1, end);
    }
    default:
      return plain(text, start, end);
  }
}

function plain(text: string, start: number, end: number): WrittenCharacter[] {
  const characters: WrittenCharacter[] = [];
  let offset = start;
  for (const character of text.slice(start, end)) {
    characters.push({ character, offset });
    offset += character.length;
  }
  return characters;
}

/** Of two quotes that stand for one, the second. */
function isSecond(text: string, offset: number, start: number): boolean {
  let quotes = 0;
  for (let at = offset; at > start && text[at] === "'"; at -= 1) quotes += 1;
  return quotes % 2 === 0;
}

const named: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const coded: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function inDoubleQuotes(text: string, start: number, end: number): WrittenCharacter[] {
  const characters: WrittenCharacter[] = [];
  for (let offset = start; offset < end; ) {
    const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
    if (character !== '\\') {
      characters.push({ character, offset });
      offset += character.length;
      continue;
    }
    const letter = text[offset + 1] ?? '';
    const digits = coded[letter] ?? 0;
    if (letter !== '\n')
      characters.push({ character: digits > 0 ? decoded(text.slice(offset + 2, offset + 2 + digits)) : (named[letter] ?? letter), offset });
    offset += 2 + digits;
  }
  return characters;
}

function decoded(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
