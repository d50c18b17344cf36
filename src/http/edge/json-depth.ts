const quote = 0x22;
const backslash = 0x5c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/**
 * True where JSON nests deeper than `limit`, found in one pass over the bytes before anything is parsed.
 *
 * Deep JSON overflows the stack of whatever walks it later. Brackets in strings do not count; text that is not JSON
 * gives some answer without harm, as the parser refuses it anyway.
 */
export function isDeeperThan(limit: number, json: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (opening.has(byte) && ++depth > limit) return true;
    else if (closing.has(byte)) depth--;
  }
  return false;
}
