/**
 * 32 bits that say which bytes these are, four bytes at a time. Not meant to withstand an attacker: whoever looks things up
 * by it bounds how far it searches.
 *
 * @param from,to  where they stand in `view`
 */
export function hashOf(view: DataView, from: number, to: number): number {
  let hash = Math.imul(to - from, 0x9e3779b1);
  let at = from;
  for (; at + 4 <= to; at += 4) hash = mix(hash, view.getInt32(at, true));
  if (at < to && to - from >= 4)
    hash = mix(hash, view.getInt32(to - 4, true)); // the rest, and some bytes a second time
  else for (; at < to; at += 1) hash = mix(hash, view.getUint8(at));
  return spread(hash);
}

/** One more word into a 32-bit hash; {@link spread} it in the end. */
export function mix(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x9e3779b1);
}

/** Lets every bit of a hash depend on all that went into it. */
export function spread(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return half ^ (half >>> 13);
}

/** Are `length` bytes from here the same as those from there? */
export function sameBytes(a: DataView, from: number, b: DataView, other: number, length: number): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4) if (a.getInt32(from + at, true) !== b.getInt32(other + at, true)) return false;
  if (at === length) return true;
  if (length >= 4) return a.getInt32(from + length - 4, true) === b.getInt32(other + length - 4, true);
  for (; at < length; at += 1) if (a.getUint8(from + at) !== b.getUint8(other + at)) return false;
  return true;
}
