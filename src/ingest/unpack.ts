import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { freeNow } from './http1/index.js';
import { RefusedRequest } from './refused-request.js';
import { zstdFrames } from './zstd-frames.js';

const packings = ['identity', 'gzip', 'zstd'] as const;
export type Packing = (typeof packings)[number];
export const isPacking = (name: string): name is Packing => packings.some((packing) => packing === name);

/** An unpacked body, and how to give its memory back at once. */
export interface Unpacked {
  readonly bytes: Buffer;
  free(): void;
}

/** Memory for what is unpacked is taken in portions of at least so much: what a body says of its size may be a lie. */
const leastPortion = 128 * 1024;
/** No packing of deflate is denser. */
const densest = 1_032;

/**
 * The bytes in a packed body. All of it is unpacked at once, on the calling thread: that costs a third of what streaming
 * does, and is bounded, because unpacking ends where the limit is passed.
 *
 * @param mostBytes  of what is unpacked
 * @throws {RefusedRequest} 413 it is more than that, 400 damaged or cut off
 */
export function unpack(body: Buffer, packing: Packing, mostBytes: number): Unpacked {
  if (packing === 'identity') return { bytes: body, free: () => undefined };
  try {
    const bytes = packing === 'gzip' ? gunzip(body, mostBytes) : unzstd(body, mostBytes);
    return { bytes, free: () => freeNow(bytes) };
  } catch (error) {
    if (error instanceof RefusedRequest) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(mostBytes);
    throw damaged(packing);
  }
}

/** How large it will be, as far as the body itself can be believed: never more than `mostBytes`. */
export function claimedBytes(body: Buffer, packing: Packing, mostBytes: number): number {
  if (packing === 'identity') return 0;
  const claimed = packing === 'gzip' ? gzipClaim(body) : zstdClaim(body);
  return Math.min(claimed, mostBytes);
}

const gzipClaim = (body: Buffer): number => (body.length < 18 ? 0 : Math.min(body.readUInt32LE(body.length - 4), body.length * densest));
const zstdClaim = (body: Buffer): number => (zstdFrames(body) ?? []).reduce((sum, { contentBytes }) => sum + (contentBytes ?? 0), 0);

/** zlib stops without a word at a zero behind a member, whatever comes after it. */
function gunzip(body: Buffer, mostBytes: number): Buffer {
  const options = { maxOutputLength: mostBytes, chunkSize: portion(gzipClaim(body), mostBytes), info: true };
  const { buffer, engine } = gunzipSync(body, options) as unknown as Informed;
  if (engine.bytesWritten !== body.length) throw damaged('gzip');
  return buffer;
}

/** What zlib gives with `info`, which its types do not know of. */
interface Informed {
  readonly buffer: Buffer;
  /** `bytesWritten` into it: what it has read of the body */
  readonly engine: { readonly bytesWritten: number };
}

function unzstd(body: Buffer, mostBytes: number): Buffer {
  const frames = zstdFrames(body);
  if (frames === null || frames.length === 0) throw damaged('zstd');
  const params = { [constants.ZSTD_d_windowLogMax]: Math.max(23, Math.ceil(Math.log2(mostBytes))) };
  const parts: Buffer[] = [];
  let left = mostBytes;
  for (const { from, to, contentBytes } of frames) {
    if (left === 0 && contentBytes !== 0) throw tooLarge(mostBytes);
    const chunkSize = portion(contentBytes ?? 0, left);
    const part = zstdDecompressSync(body.subarray(from, to), { maxOutputLength: Math.max(1, left), chunkSize, params });
    left -= part.length;
    parts.push(part);
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

/** One more than is expected, so that there is room left at the end, which is how the end is known. */
const portion = (claimed: number, mostBytes: number): number => Math.max(leastPortion, Math.min(claimed, mostBytes) + 1);

const damaged = (packing: Packing): RefusedRequest => new RefusedRequest(400, `the body is not valid ${packing}`);
const tooLarge = (limit: number): RefusedRequest => new RefusedRequest(413, `the body is larger than ${limit} bytes`);
