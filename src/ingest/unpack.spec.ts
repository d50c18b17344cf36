import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefusedRequest } from './refused-request.js';
import { claimedBytes, type Packing, unpack } from './unpack.js';
import { zstdFrames } from './zstd-frames.js';

const text = Buffer.from('observation '.repeat(20_000));
const packers = { gzip: gzipSync, zstd: zstdCompressSync } as const;
const both = ['gzip', 'zstd'] as const;

function outcome(body: Buffer, packing: Packing, most = 2 ** 20): number {
  try {
    const { bytes, free } = unpack(body, packing, most);
    const { length } = bytes;
    free();
    return length;
  } catch (error) {
    return error instanceof RefusedRequest ? -error.status : Number.NaN;
  }
}

describe.each(both)('A body packed with %s', (packing) => {
  const pack = packers[packing];

  it('is what was packed, of any length', () => {
    for (const length of [0, 1, 300, 131_071, 131_072, 131_073, text.length]) {
      const bytes = text.subarray(0, length);
      expect(unpack(pack(bytes), packing, 2 ** 20).bytes.equals(bytes)).toBe(true);
    }
  });

  it('may be in several parts', () => {
    const parts = [text.subarray(0, 10), text, text.subarray(5, 900)];
    const whole = unpack(Buffer.concat(parts.map((part) => pack(part))), packing, 2 ** 20).bytes;
    expect(whole.equals(Buffer.concat(parts))).toBe(true);
  });

  it('is refused where it is larger than allowed by a byte, in one part or in several', () => {
    expect(outcome(pack(text), packing, text.length)).toBe(text.length);
    expect(outcome(pack(text), packing, text.length - 1)).toBe(-413);
    const twice = Buffer.concat([pack(text), pack(text)]);
    expect(outcome(twice, packing, 2 * text.length)).toBe(2 * text.length);
    expect(outcome(twice, packing, 2 * text.length - 1)).toBe(-413);
    expect(outcome(twice, packing, text.length)).toBe(-413);
  });

  it('is refused where anything is missing, added or changed', () => {
    const whole = pack(text);
    for (const length of [0, 1, 5, whole.length >> 1, whole.length - 1]) expect(outcome(whole.subarray(0, length), packing)).toBe(-400);
    for (const behind of ['more', '\0', '\0more', '\0'.repeat(1_000)]) {
      expect(outcome(Buffer.concat([whole, Buffer.from(behind)]), packing)).toBe(-400);
    }
    expect(outcome(text, packing)).toBe(-400);
  });

  it('never takes more than allowed, whatever is in it', () => {
    const whole = pack(text.subarray(0, 2_000));
    const changed = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(changed, (changes) => {
        const body = Buffer.from(whole);
        for (const [at, byte] of changes) body[at] = byte;
        const length = outcome(body, packing, 5_000);
        expect(length === -400 || length === -413 || (length >= 0 && length <= 5_000)).toBe(true);
        expect(claimedBytes(body, packing, 5_000)).toBeLessThanOrEqual(5_000);
      }),
      { numRuns: 500 },
    );
  });
});

describe('The size that a body claims', () => {
  it('is believed no further than its length allows', () => {
    const liar = gzipSync(text);
    liar.writeUInt32LE(0xffff_ffff, liar.length - 4);
    expect(claimedBytes(liar, 'gzip', 2 ** 32)).toBe(liar.length * 1_032);
    expect(claimedBytes(liar, 'gzip', 1_000)).toBe(1_000);
    expect(outcome(liar, 'gzip')).toBe(-400);
  });

  it('may be a lie in either direction', () => {
    const bomb = gzipSync(Buffer.alloc(10 * 2 ** 20));
    bomb.writeUInt32LE(1, bomb.length - 4);
    expect(outcome(bomb, 'gzip', 2 ** 20)).toBe(-413);
    expect(outcome(zstdCompressSync(Buffer.alloc(10 * 2 ** 20)), 'zstd', 2 ** 20)).toBe(-413);
  });
});

describe('Frames of zstd', () => {
  it('are found with what they say of themselves, skipped ones stepped over', () => {
    const checked = zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    const skipped = Buffer.from('502a4d1803000000aabbcc', 'hex');
    const body = Buffer.concat([skipped, checked, skipped]);
    expect(zstdFrames(body)).toEqual([{ from: 11, to: 11 + checked.length, contentBytes: text.length }]);
    expect(unpack(body, 'zstd', 2 ** 20).bytes.equals(text)).toBe(true);
  });

  it('are refused where there are more than anybody sends, before any is unpacked', () => {
    const tiny = zstdCompressSync(text.subarray(0, 10));
    const skipped = Buffer.from('502a4d1800000000', 'hex');
    for (const part of [tiny, skipped]) {
      const parts = (count: number): Buffer => Buffer.concat([tiny, ...Array<Buffer>(count - 1).fill(part)]);
      expect(outcome(parts(16), 'zstd')).toBeGreaterThanOrEqual(10);
      expect(() => unpack(parts(17), 'zstd', 2 ** 20)).toThrow('the body has more than 16 frames of zstd');
      expect(() => claimedBytes(parts(500_000), 'zstd', 2 ** 20)).toThrow(
        new RefusedRequest(400, 'the body has more than 16 frames of zstd'),
      );
    }
  });

  it('with a window that nobody would have memory for are refused', () => {
    const wide = Buffer.from('28b52ffd00a80900000000', 'hex'); // no size, a window of 2 GiB
    expect(outcome(wide, 'zstd')).toBe(-400);
  });
});
