import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { createGunzip } from 'node:zlib';
import { InvalidRequestError } from '../domain/index.js';
import { parseJson } from './json-document.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import type { Receipt } from './part-recorder.js';
import type { WindowRecorder } from './window-recorder.js';

/** One request out of a file, and how far reading has come. */
export interface OtlpFileRequest {
  readonly document: unknown;
  /** 1-based line on which it starts */
  readonly line: number;
  /** of the file as it lies on disk */
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

const newline = 0x0a;
const longestLine = 256 * 2 ** 20;

/**
 * Reads what the OpenTelemetry Collector's file exporter writes: one OTLP/JSON request a line. A file that is one
 * document over many lines is read too, and `.gz` of either.
 *
 * @throws {InvalidRequestError} naming file and line: no such file, damaged gzip, not JSON
 */
export async function* readOtlpFile(path: string): AsyncGenerator<OtlpFileRequest> {
  const bytesTotal = await sizeOf(path);
  let bytesRead = 0;
  const disk = createReadStream(path, { highWaterMark: 1 << 18 }).on('data', (chunk) => {
    bytesRead += chunk.length;
  });
  const bytes: Readable = path.endsWith('.gz') ? unpacked(disk) : disk;
  const pending = new PendingLines();
  let line = 0;
  try {
    for await (const chunk of bytes) {
      for (const text of pending.split(chunk)) {
        line += 1;
        const whole = pending.add(text, line);
        if (whole) yield { ...whole, bytesRead, bytesTotal };
      }
    }
    line += 1;
    const whole = pending.end(line);
    if (whole) yield { ...whole, bytesRead, bytesTotal };
  } catch (error) {
    throw inFile(path, pending.startLine || Math.max(1, line), error);
  } finally {
    bytes.destroy();
    disk.destroy();
  }
}

/** Errors of either end reach whoever reads the unpacked bytes, whenever they happen: `compose` can lose one and wait for ever. */
function unpacked(disk: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  gunzip.on('error', () => disk.destroy());
  disk.on('error', (error) => gunzip.destroy(error));
  return disk.pipe(gunzip);
}

/**
 * Feeds a file to a recorder.
 *
 * @returns how many observations were taken and how many refused
 * @throws {InvalidRequestError} naming file, line and what is wrong
 */
export async function recordOtlpFile(
  path: string,
  recorder: WindowRecorder,
  onProgress: (bytesRead: number, bytesTotal: number) => void = () => undefined,
): Promise<{ readonly accepted: number; readonly refused: number }> {
  let [accepted, refused] = [0, 0];
  for await (const { document, line, bytesRead, bytesTotal } of readOtlpFile(path)) {
    const receipt = recordedOrNamed(path, line, () => recorder.recordDocument(document));
    accepted += receipt.accepted;
    for (const count of receipt.refused.values()) refused += count;
    onProgress(bytesRead, bytesTotal);
  }
  return { accepted, refused };
}

function recordedOrNamed(path: string, line: number, record: () => Receipt): Receipt {
  try {
    return record();
  } catch (error) {
    throw inFile(path, line, error);
  }
}

/** Cuts bytes into lines, and takes several lines for one document when the first one is not one by itself. */
class PendingLines {
  /** first line of the document that is not complete; 0: there is none */
  startLine = 0;
  private rest: Buffer[] = [];
  private document: Buffer[] = [];
  private size = 0;

  *split(chunk: Buffer): Generator<Buffer> {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...this.rest, chunk.subarray(from, at + 1)]);
      this.rest = [];
      from = at + 1;
    }
    if (from < chunk.length) this.rest.push(chunk.subarray(from));
    if (this.rest.reduce((sum, { length }) => sum + length, 0) > longestLine) throw tooLong();
  }

  add(text: Buffer, line: number): Pick<OtlpFileRequest, 'document' | 'line'> | null {
    if (this.document.length === 0) {
      if (isBlank(text)) return null;
      const document = parsedOrNull(text);
      if (document) return { document: document.value, line };
      if (!opensDocument(text)) parseJson(text);
      this.startLine = line;
    }
    this.document.push(text);
    this.size += text.length;
    if (this.size > longestLine) throw tooLong();
    return null;
  }

  end(line: number): Pick<OtlpFileRequest, 'document' | 'line'> | null {
    const whole = this.rest.length > 0 ? this.add(Buffer.concat(this.rest), line) : null;
    if (whole || this.document.length === 0) return whole;
    return { document: parseJson(Buffer.concat(this.document)), line: this.startLine };
  }
}

/** The start of a document that goes on: an opening brace, and no more of JSON than that. */
const opensDocument = (text: Buffer): boolean => /^\s*\{\s*("[^"]*"\s*:\s*[[{]?\s*)?$/.test(text.toString('utf8'));

const isBlank = (text: Buffer): boolean => text.toString('utf8').trim() === '';

function parsedOrNull(text: Buffer): { readonly value: unknown } | null {
  try {
    return { value: parseJson(text) };
  } catch {
    return null;
  }
}

const tooLong = (): MalformedOtlpError => new MalformedOtlpError(`a request is longer than ${longestLine / 2 ** 20} MiB`);

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new InvalidRequestError(`${path}: there is no such file, or it cannot be read`, { cause: error });
  }
}

function inFile(path: string, line: number, error: unknown): Error {
  if (!types.isNativeError(error)) return new RangeError(String(error));
  if (error instanceof MalformedOtlpError) return new InvalidRequestError(`${path}, line ${line}: ${reasonOf(error)}`, { cause: error });
  if ('code' in error) return new InvalidRequestError(`${path}, line ${line}: ${error.message}`, { cause: error });
  return error;
}

/** What JSON.parse found, without the text around it. */
function reasonOf({ message, cause }: MalformedOtlpError): string {
  return cause instanceof SyntaxError ? `${message} (${cause.message})` : message;
}
