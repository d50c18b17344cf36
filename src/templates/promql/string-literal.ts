/** A string literal that Prometheus would refuse: what is wrong, at which character of it. */
export interface StringProblem {
  readonly problem: string;
  readonly repair: string;
  readonly at: number;
  readonly length: number;
}

const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };
const coded = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/;

/** What a literal means, by the escapes of Go that PromQL knows. */
export function readString(literal: string): { readonly value: string } | StringProblem {
  const quote = literal.charAt(0);
  const inside = literal.slice(1, -1);
  if (quote === '`') return { value: inside };
  let value = '';
  for (let at = 0; at < inside.length; ) {
    const character = inside.charAt(at);
    if (character === '\n')
      return { problem: 'a line ends inside quotes', repair: 'write it on one line, or use backticks', at: at + 1, length: 1 };
    if (character !== '\\') {
      value += character;
      at += 1;
      continue;
    }
    const read = escapeAt(inside, at + 1, quote);
    if (read === null) {
      const written = inside.slice(at, at + 2);
      return {
        problem: `'${written}' is no escape that PromQL knows`,
        repair: `double the backslash: \\${written}`,
        at: at + 1,
        length: 2,
      };
    }
    value += read.value;
    at += 1 + read.length;
  }
  return { value };
}

function escapeAt(text: string, at: number, quote: string): { value: string; length: number } | null {
  const letter = text.charAt(at);
  if (letter === quote) return { value: quote, length: 1 };
  if (Object.hasOwn(simple, letter)) return { value: simple[letter] ?? '', length: 1 };
  const [written, ...codes] = coded.exec(text.slice(at, at + 9)) ?? [];
  if (written === undefined) return null;
  const [x, u, long, octal] = codes;
  const code = octal === undefined ? Number.parseInt(x ?? u ?? long ?? '', 16) : Number.parseInt(octal, 8);
  return code > 0x10ffff ? null : { value: String.fromCodePoint(code), length: written.length };
}
