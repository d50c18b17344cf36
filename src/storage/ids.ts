import { createHash, randomBytes } from 'node:crypto';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `run_` and 20 characters: 10 of time in milliseconds, 10 random. Later runs sort after earlier ones, byte by byte. */
export const newRunId = (now: Date, random?: Uint8Array): string => timeSortableId('run', now, random);

/**
 * An id that sorts by time and cannot be guessed from another.
 *
 * @param random  at least 10 bytes, of which 50 bits are used
 */
export function timeSortableId(prefix: string, now: Date, random: Uint8Array = randomBytes(10)): string {
  if (random.length < 10) throw new RangeError(`10 random bytes are needed, got ${random.length}`);
  const time = Array.from({ length: 10 }, (_, place) => Math.floor(now.getTime() / 32 ** (9 - place)) % 32);
  return `${prefix}_${[...time, ...random.slice(0, 10)].map((digit) => crockford[digit & 31]).join('')}`;
}

/** Text from outside as a column can hold and index it: short, no NUL. Unlike texts stay unlike. */
export function columnText(text: string): string {
  const plain = text.length <= 200 && !text.includes('\0') && !text.startsWith('sha256:') && text.isWellFormed();
  return plain ? text : `sha256:${createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex')}`;
}
