import type { BodyPool } from '../http1/index.js';
import type { Reservation } from '../receiving-gate.js';
import { RefusedCall } from './grpc-status.js';

const prefixBytes = 5;
/** what is taken at the beginning, and when that is full; then all of it */
const steps = [64 * 1024, 2 ** 20];
const nothing = Buffer.alloc(0);

/**
 * The one message of a call, put together from pieces of any size: a byte that says whether it is packed, four for its
 * length, and the message.
 *
 * Memory follows what has come, never what was announced, and is reserved before it is taken. Pieces are copied: kept as
 * they came they would hold on to all that was read with them.
 */
export class IncomingMessage {
  private readonly prefix = Buffer.alloc(prefixBytes);
  private prefixLength = 0;
  private length = 0;
  private received = 0;
  private room = 0;
  private bytes: Buffer = nothing;

  constructor(
    private readonly maxBytes: number,
    private readonly reservation: Reservation,
    private readonly pool: BodyPool,
  ) {}

  /** @throws {RefusedCall} too long, too much in memory, or more than one message */
  add(piece: Buffer): void {
    const rest = this.prefixLength < prefixBytes ? this.addPrefix(piece) : piece;
    if (rest.length === 0) return;
    if (this.received + rest.length > this.length) throw new RefusedCall('unimplemented', 'a call carries one message');
    this.makeRoom(this.received + rest.length);
    rest.copy(this.bytes, this.received);
    this.received += rest.length;
  }

  /**
   * The whole message, until {@link forget}.
   *
   * @throws {RefusedCall} there was none, or it was cut off
   */
  end(): { readonly packed: boolean; readonly bytes: Buffer } {
    if (this.prefixLength === 0) throw new RefusedCall('unimplemented', 'a call carries one message, this one has none');
    if (this.prefixLength < prefixBytes || this.received < this.length) throw new RefusedCall('invalid argument', 'the message is cut off');
    return { packed: this.prefix[0] === 1, bytes: this.bytes.subarray(0, this.length) };
  }

  /** Lets go of its memory. */
  forget(): void {
    if (this.room > 0) this.pool.giveBack(this.bytes);
    this.bytes = nothing;
    this.room = 0;
  }

  private addPrefix(piece: Buffer): Buffer {
    const taken = piece.copy(this.prefix, this.prefixLength, 0, prefixBytes - this.prefixLength);
    this.prefixLength += taken;
    if (this.prefixLength === prefixBytes) {
      if ((this.prefix[0] as number) > 1) throw new RefusedCall('internal', 'this is not a message of gRPC');
      this.length = this.prefix.readUInt32BE(1);
      if (this.length > this.maxBytes) throw tooLarge(this.maxBytes);
    }
    return piece.subarray(taken);
  }

  private makeRoom(needed: number): void {
    if (needed <= this.room) return;
    const room = Math.min(this.length, steps.find((step) => step >= needed) ?? this.length);
    if (!this.reservation.add(room - this.room)) throw tooMuchAtOnce();
    const larger = this.pool.lend(room);
    this.bytes.copy(larger, 0, 0, this.received);
    this.forget();
    this.bytes = larger;
    this.room = room;
  }
}

/** Exporters would send it again in vain: nothing says when. */
export const tooLarge = (limit: number): RefusedCall => new RefusedCall('resource exhausted', `the message is larger than ${limit} bytes`);

export const tooMuchAtOnce = (): RefusedCall =>
  new RefusedCall('unavailable', 'too many bytes are being received at once', true, {}, 'too-much-at-once');
