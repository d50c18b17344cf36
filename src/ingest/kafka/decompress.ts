import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressionsAlgorithms } from '@platformatic/kafka';

/** Codecs of record batches, in the order of their numbers in the protocol. */
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** @throws Error where the bytes cannot be read, or would become more than `most`: a few of them can become gigabytes */
export function decompress(codec: number, bytes: Buffer, most: number): Buffer {
  switch (codecs[codec]) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes, { maxOutputLength: most });
    case 'zstd':
      return zstdDecompressSync(bytes, { maxOutputLength: most });
    case 'snappy':
      return unpacked('snappy', bytes, snappyBytes(bytes), most);
    case 'lz4':
      return unpacked('lz4', bytes, lz4Bytes(bytes), most);
    default:
      throw new Error(`codec ${codec} is not known`);
  }
}

function unpacked(codec: 'snappy' | 'lz4', bytes: Buffer, announced: number, most: number): Buffer {
  if (announced > most) throw new Error(`${announced} bytes are more than ${most}`);
  return compressionsAlgorithms[codec].decompressSync(bytes) as Buffer;
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeader = 16;

/** What snappy says itself, for each block where there are several (as Java clients write them). */
function snappyBytes(bytes: Buffer): number {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return varintAt(bytes, 0);
  let total = 0;
  for (let at = xerialHeader; at + 4 <= bytes.length; at += 4 + bytes.readUInt32BE(at)) total += varintAt(bytes, at + 4);
  return total;
}

function varintAt(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start, scale = 1; at < Math.min(start + 5, bytes.length); at += 1, scale *= 128) {
    const byte = bytes[at] as number;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw new Error('the length of a snappy block cannot be read');
}

const lz4Magic = 0x184d2204;
const lz4BlockBytes: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };

/** At most: each block is full, except that one that is smaller than it could be made has at most 255 times its size. */
function lz4Bytes(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== lz4Magic) throw new Error('this is not an lz4 frame');
  const [flags, descriptor] = [bytes[4] as number, bytes[5] as number];
  const [hasBlockChecksum, hasSize, hasDictionary] = [(flags & 16) !== 0, (flags & 8) !== 0, (flags & 1) !== 0];
  const block = lz4BlockBytes[(descriptor >> 4) & 7] ?? 2 ** 22;
  let total = 0;
  for (let at = 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0); at + 4 <= bytes.length; ) {
    const word = bytes.readUInt32LE(at);
    if (word === 0) break;
    const stored = word & 0x7fffffff;
    total += word >= 2 ** 31 ? stored : Math.min(block, 255 * stored);
    at += 4 + stored + (hasBlockChecksum ? 4 : 0);
  }
  return total;
}
