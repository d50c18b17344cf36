import { hashOf, mix, spread } from './byte-hash.js';

/** Four words of 32 bits that say which text, attributes or stream this is; alike in all threads and both encodings. */
export type Identity = Int32Array;

const [first, second, third] = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

/** Not meant to withstand an attacker: whoever may send can name any stream by its attributes as well. */
export function identityOfText(text: string): Identity {
  let [a, b, c, d] = [text.length, 1, 2, 3];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = mix(a, code);
    b = Math.imul(((b << 7) | (b >>> 25)) ^ code, first);
    c = Math.imul(((c << 11) | (c >>> 21)) ^ code, second);
    d = Math.imul(((d << 17) | (d >>> 15)) ^ code, third);
  }
  return Int32Array.of(spread(a ^ (c >>> 3)), spread(b ^ (d >>> 5)), spread(c ^ (a >>> 7)), spread(d ^ (b >>> 9)));
}

/** @param from,to  where the bytes stand in `view` */
export function identityOfBytes(view: DataView, from: number, to: number): Identity {
  const half = (from + to) >>> 1;
  return Int32Array.of(hashOf(view, from, to), hashOf(view, from, half), hashOf(view, half, to), to - from);
}

/** Attributes in whatever order: the same ones give the same sum. */
export function addIdentity(sum: Identity, other: Identity): void {
  for (let word = 0; word < 4; word += 1) sum[word] = ((sum[word] as number) + (other[word] as number)) | 0;
}

/** Writes the identity of one thing of another into `into`: their order matters. */
export function joinIdentities(into: Identity, whole: Identity, part: Identity): void {
  for (let word = 0; word < 4; word += 1) {
    const beside = whole[(word + 1) & 3] as number;
    into[word] = spread(mix(whole[word] as number, part[word] as number) ^ (beside >>> 11));
  }
}

/** Eight characters, for maps. */
export function nameOfIdentity(identity: Identity): string {
  const [a, b, c, d] = [identity[0] as number, identity[1] as number, identity[2] as number, identity[3] as number];
  return String.fromCharCode(a & 0xffff, a >>> 16, b & 0xffff, b >>> 16, c & 0xffff, c >>> 16, d & 0xffff, d >>> 16);
}
