/**
 * Uniform numbers in [0, 1) that are the same for the same seed on any machine, so that what is drawn can be replayed.
 *
 * xoshiro128** started by SplitMix32; 32 random bits each. Not for secrets.
 *
 * @param seed  whole number; its lowest 32 bits count
 * @see Blackman & Vigna (2021), Scrambled linear pseudorandom number generators, doi:10.1145/3460772
 */
export function seededRandom(seed: number): () => number {
  const words = xoshiro128(splitMix(seed));
  return () => words() / 2 ** 32;
}

/** @param state  four 32-bit words, not all 0 */
export function xoshiro128([a, b, c, d]: readonly [number, number, number, number]): () => number {
  let [s0, s1, s2, s3] = [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
  return () => {
    const word = Math.imul(rotated(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotated(s3, 11);
    return word;
  };
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** Four words that differ much for seeds that differ little. */
function splitMix(seed: number): [number, number, number, number] {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return [next(), next(), next(), next()];
}
