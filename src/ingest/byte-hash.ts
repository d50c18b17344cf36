const [first, second, third, fourth] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

/**
 * 32 bits that say which bytes these are. Not meant to withstand an attacker: whoever looks things up by it bounds how far
 * it searches.
 *
 * Sixteen bytes at a time, the last ones overlapping those before: most texts take one step, and none of it waits for
 * another part.
 *
 * @param from,to  where they stand in `view`
 */
export function hashOf(view: DataView, from: number, to: number): number {
  const length = to - from;
  if (length < 8) return spread(Math.imul(length, first) ^ fewBytes(view, from, to));
  let hash = length;
  if (length > 16) {
    for (let at = from; at + 16 < to; at += 16) hash = Math.imul(hash ^ (hash >>> 15), first) ^ eight(view, at, at + 8);
    return spread(Math.imul(hash, first) ^ eight(view, to - 16, to - 8));
  }
  return spread(Math.imul(hash, first) ^ eight(view, from, to - 8));
}

/** Of eight bytes from `at` and eight from `other`. */
function eight(view: DataView, at: number, other: number): number {
  const low = (Math.imul(view.getInt32(at, true), first) + Math.imul(view.getInt32(at + 4, true), second)) | 0;
  return (low + Math.imul(view.getInt32(other, true), third) + Math.imul(view.getInt32(other + 4, true), fourth)) | 0;
}

function fewBytes(view: DataView, from: number, to: number): number {
  if (to - from >= 4) return (Math.imul(view.getInt32(from, true), second) + Math.imul(view.getInt32(to - 4, true), third)) | 0;
  let bytes = 0;
  for (let at = from; at < to; at += 1) bytes = (bytes << 8) | view.getUint8(at);
  return Math.imul(bytes, second);
}

/** One more word into a 32-bit hash; {@link spread} it in the end. */
export function mix(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, first);
}

/** Lets every bit of a hash depend on all that went into it. */
export function spread(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), second);
  return half ^ (half >>> 13);
}

/** Are `length` bytes from here the same as those from there? Up to sixteen without a loop, the last ones overlapping those before. */
export function sameBytes(a: DataView, from: number, b: DataView, other: number, length: number): boolean {
  if (length < 8) return sameFewBytes(a, from, b, other, length);
  let at = 0;
  for (; at + 16 < length; at += 8) if (!sameEight(a, from + at, b, other + at)) return false;
  return sameEight(a, from + at, b, other + at) && sameEight(a, from + length - 8, b, other + length - 8);
}

function sameEight(a: DataView, from: number, b: DataView, other: number): boolean {
  const differing = a.getInt32(from, true) ^ b.getInt32(other, true);
  return (differing | (a.getInt32(from + 4, true) ^ b.getInt32(other + 4, true))) === 0;
}

function sameFewBytes(a: DataView, from: number, b: DataView, other: number, length: number): boolean {
  if (length >= 4) {
    const differing = a.getInt32(from, true) ^ b.getInt32(other, true);
    return (differing | (a.getInt32(from + length - 4, true) ^ b.getInt32(other + length - 4, true))) === 0;
  }
  for (let at = 0; at < length; at += 1) if (a.getUint8(from + at) !== b.getUint8(other + at)) return false;
  return true;
}
