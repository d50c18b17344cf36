import { RefusedRequest } from './refused-request.js';

/** One frame of zstd, `[from, to)` in the body. */
export interface ZstdFrame {
  readonly from: number;
  readonly to: number;
  /** bytes that it unpacks to, as it says itself; null: it does not say */
  readonly contentBytes: number | null;
}

/** Senders make one. Each costs a decompressor and memory of its own, however little is in it. */
const mostFrames = 16;
const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a5;
const dictionaryBytes = [0, 1, 2, 4] as const;
const [runLength, reserved] = [1, 3];

/**
 * Steps from frame to frame of a body, without unpacking them. zlib unpacks the first frame of a body only, silently, and
 * does not notice every end that is missing.
 *
 * @returns null: it is damaged, or not all there
 * @throws {RefusedRequest} 400 they are more than anybody sends
 */
export function zstdFrames(body: Buffer): ZstdFrame[] | null {
  const frames: ZstdFrame[] = [];
  let from = 0;
  for (let seen = 1; from < body.length; seen += 1) {
    if (seen > mostFrames) throw new RefusedRequest(400, `the body has more than ${mostFrames} frames of zstd`);
    if (body.length - from < 8) return null;
    const isSkipped = body.readUInt32LE(from) >>> 4 === skippableMagic;
    const frame = isSkipped ? null : frameAt(body, from);
    const to = isSkipped ? from + 8 + body.readUInt32LE(from + 4) : (frame?.to ?? Number.NaN);
    if (!(to <= body.length)) return null;
    if (frame !== null) frames.push(frame);
    from = to;
  }
  return frames;
}

/** RFC 8878, section 3.1.1. */
function frameAt(body: Buffer, from: number): ZstdFrame | null {
  const descriptor = body[from + 4] as number;
  if (body.readUInt32LE(from) !== magic || (descriptor & 0x08) !== 0) return null;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >>> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag;
  const sizeAt = from + 5 + (isSingleSegment ? 0 : 1) + (dictionaryBytes[(descriptor & 3) as 0 | 1 | 2 | 3] as number);
  if (sizeAt + sizeBytes > body.length) return null;
  const last = endOfBlocks(body, sizeAt + sizeBytes);
  return last === null
    ? null
    : { from, to: last + ((descriptor & 0x04) !== 0 ? 4 : 0), contentBytes: contentBytes(body, sizeAt, sizeBytes) };
}

function contentBytes(body: Buffer, at: number, size: number): number | null {
  if (size === 0) return null;
  if (size === 1) return body.readUInt8(at);
  if (size === 2) return body.readUInt16LE(at) + 256;
  return size === 4 ? body.readUInt32LE(at) : Number(body.readBigUInt64LE(at));
}

/** @returns null: it is not all there, or damaged */
function endOfBlocks(body: Buffer, from: number): number | null {
  for (let at = from; at + 3 <= body.length; ) {
    const header = body.readUIntLE(at, 3);
    const kind = (header >>> 1) & 3;
    if (kind === reserved) return null;
    at += 3 + (kind === runLength ? 1 : header >>> 3);
    if ((header & 1) === 1) return at;
  }
  return null;
}
