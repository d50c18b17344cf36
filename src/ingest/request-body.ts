import type { IncomingMessage } from 'node:http';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { Reservation } from './receiving-gate.js';
import { RefusedRequest } from './refused-request.js';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxDecodedBytes: number;
}

/**
 * The whole body of a request, decompressed. Limits hold while it streams, the larger one after decompression, so that
 * neither a long body nor a small one that unpacks to gigabytes takes more memory than allowed.
 *
 * @throws {RefusedRequest} 413 too large, 429 too much in memory for all requests together, 400 cut off or damaged
 */
export function readBody(request: IncomingMessage, gzip: boolean, limits: BodyLimits, reservation: Reservation): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.maxBodyBytes) return Promise.reject(tooLarge(limits.maxBodyBytes));
  return new Promise((resolve, reject) => new IncomingBody(request, limits, reservation, resolve, reject).read(gzip));
}

class IncomingBody {
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private decoded = 0;
  private unpacked: Gunzip | null = null;

  constructor(
    private readonly request: IncomingMessage,
    private readonly limits: BodyLimits,
    private readonly reservation: Reservation,
    private readonly resolve: (body: Buffer) => void,
    private readonly reject: (error: RefusedRequest) => void,
  ) {}

  read(gzip: boolean): void {
    const { request } = this;
    if (gzip) {
      this.unpacked = createGunzip({ chunkSize: 1 << 17 });
      this.unpacked.on('data', this.keep).on('end', this.finish);
      this.unpacked.on('error', () => this.stop(new RefusedRequest(400, 'the body is not valid gzip')));
      request.on('data', this.count).pipe(this.unpacked);
    } else request.on('data', this.count).on('data', this.keep).on('end', this.finish);
    request.on('close', this.cutOff).on('error', this.cutOff);
  }

  private readonly count = (chunk: Buffer): void => {
    this.received += chunk.length;
    if (this.received > this.limits.maxBodyBytes) this.stop(tooLarge(this.limits.maxBodyBytes));
  };

  private readonly keep = (chunk: Buffer): void => {
    this.decoded += chunk.length;
    if (this.decoded > this.limits.maxDecodedBytes) this.stop(tooLarge(this.limits.maxDecodedBytes));
    else if (!this.reservation.add(chunk.length)) this.stop(new RefusedRequest(429, 'too many bytes are being received at once', true));
    else this.chunks.push(chunk);
  };

  private readonly finish = (): void => {
    const [first = Buffer.alloc(0), ...more] = this.chunks;
    this.resolve(more.length === 0 ? first : Buffer.concat(this.chunks, this.decoded));
  };

  private readonly cutOff = (): void => {
    if (!this.request.complete) this.stop(new RefusedRequest(400, 'the body was cut off'));
  };

  /** Lets go of what came so far; what still comes is for whoever answers to throw away. */
  private stop(error: RefusedRequest): void {
    this.request.off('data', this.count).off('data', this.keep).off('end', this.finish).off('close', this.cutOff);
    this.request.unpipe();
    this.unpacked?.off('data', this.keep).off('end', this.finish).destroy();
    this.chunks.length = 0;
    this.reject(error);
  }
}

const tooLarge = (limit: number): RefusedRequest => new RefusedRequest(413, `the body is larger than ${limit} bytes`);
