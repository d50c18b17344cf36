import { RefusedRequest } from '../refused-request.js';

const [carriageReturn, lineFeed, semicolon] = [13, 10, 59];
/** of a size with its extensions, and of all trailer fields together */
const mostLineBytes = 256;
const mostTrailerBytes = 16 * 1024;
const mostSizeDigits = 8;

type Place = 'size' | 'extension' | 'sizeEnd' | 'data' | 'dataEnd' | 'dataEndFeed' | 'trailer' | 'trailerEnd' | 'done';

/** Takes the frames off a chunked body, whatever pieces it arrives in. Extensions and trailers are stepped over. */
export class ChunkedFraming {
  private place: Place = 'size';
  /** bytes of the chunk that are still to come */
  private left = 0;
  private digits = 0;
  private lineBytes = 0;
  private trailerBytes = 0;
  private trailerLine = 0;

  get isDone(): boolean {
    return this.place === 'done';
  }

  /**
   * @param keep  called with the range of each piece of the body
   * @returns where in `bytes` the body ends, or their end
   * @throws {RefusedRequest} 400 malformed
   */
  take(bytes: Uint8Array, from: number, keep: (from: number, to: number) => void): number {
    let at = from;
    while (at < bytes.length && this.place !== 'done') {
      if (this.place === 'data') {
        const to = Math.min(bytes.length, at + this.left);
        keep(at, to);
        this.left -= to - at;
        at = to;
        if (this.left === 0) this.place = 'dataEnd';
      } else this.step(bytes[at++] as number);
    }
    return at;
  }

  private step(byte: number): void {
    switch (this.place) {
      case 'size':
        this.size(byte);
        break;
      case 'extension':
        this.extension(byte);
        break;
      case 'sizeEnd':
        expectByte(byte, lineFeed);
        this.lineBytes = 0;
        this.digits = 0;
        this.place = this.left > 0 ? 'data' : 'trailer';
        break;
      case 'dataEnd':
        expectByte(byte, carriageReturn);
        this.place = 'dataEndFeed';
        break;
      case 'dataEndFeed':
        expectByte(byte, lineFeed);
        this.place = 'size';
        break;
      case 'trailer':
        this.trailer(byte);
        break;
      case 'trailerEnd':
        expectByte(byte, lineFeed);
        this.place = this.trailerLine === 0 ? 'done' : 'trailer';
        this.trailerLine = 0;
    }
  }

  private size(byte: number): void {
    const digit = digitOf(byte);
    if (digit >= 0) {
      this.left = this.left * 16 + digit;
      this.digits += 1;
      if (this.digits > mostSizeDigits) throw malformed();
    } else if (this.digits === 0) throw malformed();
    else if (byte === carriageReturn) this.place = 'sizeEnd';
    else if (byte === semicolon) this.place = 'extension';
    else throw malformed();
  }

  private extension(byte: number): void {
    this.lineBytes += 1;
    if (byte === carriageReturn) this.place = 'sizeEnd';
    else if (byte === lineFeed || this.lineBytes > mostLineBytes) throw malformed();
  }

  private trailer(byte: number): void {
    this.trailerBytes += 1;
    if (byte === carriageReturn) this.place = 'trailerEnd';
    else if (byte === lineFeed || this.trailerBytes > mostTrailerBytes) throw malformed();
    else this.trailerLine += 1;
  }
}

function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function expectByte(byte: number, wanted: number): void {
  if (byte !== wanted) throw malformed();
}

const malformed = (): RefusedRequest => new RefusedRequest(400, 'the chunks of the body are malformed');
