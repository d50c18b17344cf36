/**
 * JSON that keeps what plain JSON loses: ±Infinity, NaN and −0, which evidence is full of.
 *
 * They are written as the strings `"Infinity"`, `"-Infinity"`, `"NaN"` and `"-0"`; a text that reads like one of them gets a
 * `~` in front. The same value gives the same bytes: keys keep the order in which they were set.
 */
export function encodeJson(value: unknown): string {
  return hasSpecial(value) ? JSON.stringify(value, replaceSpecial) : JSON.stringify(value);
}

/** The value that {@link encodeJson} was given, dates as ISO texts. The text must be ours: it is not checked against a type. */
export function decodeJson<T>(text: string): T {
  return (specialInside.test(text) ? JSON.parse(text, reviveSpecial) : JSON.parse(text)) as T;
}

const special = /^~*(?:-?Infinity|NaN|-0)$/;
const specialInside = /"~*(?:-?Infinity|NaN|-0)"/;

/** Most documents have none, and `JSON.stringify` is ten times faster without a replacer. */
function hasSpecial(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return !Number.isFinite(value) || Object.is(value, -0);
    case 'string':
      return special.test(value);
    case 'object':
      if (value === null) return false;
      return Array.isArray(value) ? value.some(hasSpecial) : Object.values(value).some(hasSpecial);
    default:
      return false;
  }
}

function replaceSpecial(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && hasSpecial(value)) return Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'string' && special.test(value) ? `~${value}` : value;
}

function reviveSpecial(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !special.test(value)) return value;
  return value.startsWith('~') ? value.slice(1) : Number(value);
}
