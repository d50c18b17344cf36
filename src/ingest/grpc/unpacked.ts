import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { RefusedCall } from './grpc-status.js';
import { tooLarge } from './incoming-message.js';

const unpackers = { gzip: gunzipSync, zstd: zstdDecompressSync } as const;

export type Packing = keyof typeof unpackers | 'identity';

/** What `grpc-encoding` names. @throws {RefusedCall} naming what there is */
export function packingOf(encoding: string | string[] | undefined): Packing {
  if (encoding === undefined || encoding === 'identity') return 'identity';
  if (encoding === 'gzip' || encoding === 'zstd') return encoding;
  throw new RefusedCall('unimplemented', 'messages may be packed with gzip or zstd', false, {
    'grpc-accept-encoding': 'identity,gzip,zstd',
  });
}

const smallest = 1024;

/**
 * A message as it was before it was packed.
 *
 * It is unpacked, read and forgotten within one step, so that a thread holds at most one of `maxBytes` beyond the bytes
 * that are reserved, however many calls are under way.
 *
 * @throws {RefusedCall} larger than `maxBytes`, or damaged
 */
export function unpacked(bytes: Buffer, packing: Packing, maxBytes: number): Buffer {
  if (packing === 'identity') throw new RefusedCall('internal', 'the message is packed and grpc-encoding does not say how');
  const announced = packing === 'gzip' && bytes.length >= 4 ? bytes.readUInt32LE(bytes.length - 4) : 4 * bytes.length;
  const chunkSize = Math.max(smallest, Math.min(announced + 1, maxBytes));
  try {
    return unpackers[packing](bytes, { maxOutputLength: maxBytes, chunkSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new RefusedCall('invalid argument', `the message is not valid ${packing}`);
  }
}
