type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Values that break things: limits of numbers, prototypes, control characters, other types, much of something. */
const nasty: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER,
  () => 5e-324,
  () => '',
  () => '\u0000',
  () => '\ud800',
  () => '../../etc/passwd',
  () => '%00%ff',
  () => "'; drop table run; --",
  () => '${service}',
  () => '=~(a+)+$',
  () => '2026-02-30T25:61:61Z',
  () => '0000-01-01T00:00:00Z',
  () => '9999-12-31T23:59:59Z',
  () => 'x'.repeat(5_000),
  () => '💥'.repeat(300),
  () => [],
  () => [[[[[]]]]],
  () => ({}),
  () => ({ length: -1, toString: null }),
  () => ({ valueOf: 'x', constructor: { prototype: {} } }),
  () => Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, index])),
];
const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'id', 'Template', ''];

/** A valid body made wrong, or left as it is by chance: the same for the same random numbers. */
export function mutated(body: unknown, random: () => number): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  let text = JSON.stringify(random() < 0.7 ? changed(body as Json, pick, random) : body);
  if (random() < 0.15) text = text.replace('{', `{"${pick(names)}":${JSON.stringify(pick(nasty)())},`); // JSON.parse makes own keys of these
  for (let times = random() < 0.35 ? 1 + Math.floor(random() * 4) : 0; times > 0; times--) text = damaged(text, random);
  return text;
}

/** One place in the value holds something else, is gone, or has a neighbour nobody knows. */
function changed(value: Json, pick: <Item>(items: readonly Item[]) => Item, random: () => number): Json {
  const isBranch = typeof value === 'object' && value !== null;
  const keys = isBranch ? Object.keys(value) : [];
  if (!isBranch || keys.length === 0 || random() < 0.15) return pick(nasty)();
  const copy = structuredClone(value) as Record<string, Json>;
  const key = pick(keys);
  const how = random();
  if (how < 0.6) copy[key] = changed(copy[key] ?? null, pick, random);
  else if (how < 0.75) delete copy[key];
  else if (how < 0.9) copy[pick(names) || 'unknown'] = pick(nasty)();
  else copy[`${key} `] = copy[key] ?? null;
  return copy;
}

/** A character is lost, doubled, exchanged, or everything after it is. */
function damaged(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const how = random();
  if (how < 0.25) return text.slice(0, at) + text.slice(at + 1);
  if (how < 0.5) return text.slice(0, at) + text.slice(at, at + 1).repeat(2 + Math.floor(random() * 40)) + text.slice(at + 1);
  if (how < 0.85) return text.slice(0, at) + String.fromCodePoint(Math.floor(random() * 0x250)) + text.slice(at + 1);
  return text.slice(0, at);
}
