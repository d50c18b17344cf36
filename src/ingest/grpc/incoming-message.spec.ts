import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BodyPool } from '../http1/index.js';
import { ReceivingGate } from '../receiving-gate.js';
import { IncomingMessage } from './incoming-message.js';

const memory = new SharedArrayBuffer(ReceivingGate.bytes);
const pool = new BodyPool();
const gate = new ReceivingGate(2 ** 24, memory);

function framed(message: Uint8Array, packed: boolean): Buffer {
  const prefix = Buffer.from([packed ? 1 : 0, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Cuts bytes at these places, wherever they are. */
function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

describe('A message of a gRPC call', () => {
  it('is the same in whatever pieces it comes, and holds what is reserved for it', () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 60_000, max: 600_000 }));
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.array(fc.nat(), { maxLength: 12 }), (size, packed, cuts) => {
        const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, index) => index * 31));
        const reservation = gate.reservation();
        const message = new IncomingMessage(2 ** 20, reservation, pool);
        for (const piece of piecesOf(framed(bytes, packed), cuts)) message.add(piece);
        const read = message.end();
        expect(read.packed).toBe(packed);
        expect(Buffer.compare(read.bytes, bytes)).toBe(0);
        message.forget();
        reservation.release();
        expect(new Int32Array(memory)[0]).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('that is announced and not sent takes little', () => {
    const reservation = gate.reservation();
    const message = new IncomingMessage(2 ** 23, reservation, pool);
    message.add(framed(Buffer.alloc(2 ** 23), false).subarray(0, 6));
    expect((new Int32Array(memory)[0] as number) * 1024).toBe(64 * 1024);
    reservation.release();
  });

  it.each<[string, string, Buffer]>([
    ['larger than allowed', 'resource exhausted', framed(Buffer.alloc(101), false).subarray(0, 5)],
    ['followed by another', 'unimplemented', Buffer.concat([framed(Buffer.alloc(3), false), Buffer.alloc(1)])],
    ['of an unknown kind', 'internal', Buffer.from([2, 0, 0, 0, 0])],
    ['not there', 'unimplemented', Buffer.alloc(0)],
    ['cut off in its prefix', 'invalid argument', Buffer.from([0, 0, 0])],
    ['cut off', 'invalid argument', framed(Buffer.alloc(3), false).subarray(0, 7)],
  ])('is refused when %s: %s', (_, code, bytes) => {
    const message = new IncomingMessage(100, gate.reservation(), pool);
    const read = (): unknown => {
      message.add(bytes);
      return message.end();
    };
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});
