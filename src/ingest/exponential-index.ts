/** Buckets per octave = 2^scale: a value is known to 1.09 %. */
export const spanScale = 5;
export const bucketsPerOctave = 2 ** spanScale;

const cells = 1024;
/** mantissas (upper 20 bits, lower 32 bits) of the upper bounds 2^((i+1)/32) */
const boundHigh = new Int32Array(bucketsPerOctave);
const boundLow = new Uint32Array(bucketsPerOctave);
/** by the upper 10 bits of the mantissa: the bucket in which such mantissas begin */
const startOfCell = new Uint8Array(cells);

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer); // little-endian, as every machine Node runs on

for (let bucket = 0; bucket < bucketsPerOctave; bucket += 1) {
  scratch[0] = bucket === bucketsPerOctave - 1 ? 2 - Number.EPSILON : 2 ** ((bucket + 1) / bucketsPerOctave);
  boundHigh[bucket] = (words[1] as number) & 0xfffff;
  boundLow[bucket] = words[0] as number;
}
for (let cell = 0, bucket = 0; cell < cells; cell += 1) {
  while ((boundHigh[bucket] as number) >>> 10 < cell) bucket += 1;
  startOfCell[cell] = bucket;
}

/**
 * Index of the bucket that holds `value` in a base-2 exponential histogram of scale 5, without a logarithm.
 * Bucket i holds (2^(i/32), 2^((i+1)/32)], so that an exact power of two is in the bucket below it.
 *
 * @param value  a normal number > 0
 */
export function exponentialIndex5(value: number): number {
  scratch[0] = value;
  return exponentialIndexOf((words[1] as number) | 0, (words[0] as number) | 0);
}

/** The same for a number that is given by the upper and the lower 32 bits of its float, as signed numbers. */
export function exponentialIndexOf(high: number, low: number): number {
  const octave = ((high >>> 20) - 1023) << spanScale;
  const mantissa = high & 0xfffff;
  if (mantissa === 0 && low === 0) return octave - 1;
  const bucket = startOfCell[mantissa >>> 10] as number;
  const bound = boundHigh[bucket] as number;
  const beyond = mantissa > bound || (mantissa === bound && low >>> 0 > (boundLow[bucket] as number));
  return octave + bucket + (beyond ? 1 : 0);
}
