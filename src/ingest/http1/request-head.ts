import { RefusedRequest } from '../refused-request.js';

/** What a request says of itself before its body. */
export interface RequestHead {
  readonly method: string;
  /** without the question mark and what follows it, nor the host before it that senders by way of a proxy write */
  readonly path: string;
  /** bytes of the body; chunked: only its end will tell */
  readonly length: number | 'chunked';
  /** the sender means to send another request on this line */
  readonly keepAlive: boolean;
  /** the sender waits for a word from us before it sends the body */
  readonly expectsContinue: boolean;
  readonly fieldCount: number;
  readonly authorization: string | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
}

export const mostHeadBytes = 16 * 1024;

const requestLine = /^([A-Z]{1,20}) ([\x21-\x7e]+) HTTP\/1\.([01])$/;
/** RFC 9112, section 3.2.2: to be understood by every server. */
const originOfTarget = /^https?:\/\/[^/?#]+/i;
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
/** What is understood must be there once: two readers of the same request may not each take another one of them. */
const singular = ['host', 'content-length', 'transfer-encoding', 'content-type', 'content-encoding', 'authorization', 'expect'] as const;

type Fields = ReadonlyMap<string, string>;

/**
 * Reads the head of an HTTP/1.1 request, without the empty line that ends it. Strict where readers are known to differ
 * about where a request ends: no folded lines, no lone line feeds, no length beside chunks, no other transfer coding.
 *
 * @param head  in latin1
 * @throws {RefusedRequest} 400 not a request, 417 an expectation nobody knows, 501 a transfer coding nobody knows
 */
export function readHead(head: string): RequestHead {
  const [first = '', ...lines] = head.split('\r\n');
  const [, method, target, minor] = requestLine.exec(first) ?? [];
  if (method === undefined || target === undefined) throw new RefusedRequest(400, 'this is not a request that HTTP knows');
  const fields = fieldsOf(lines);
  const isOld = minor === '0';
  if (!isOld && !fields.has('host')) throw new RefusedRequest(400, 'there is no Host');
  return {
    method,
    path: pathOf(target),
    length: lengthOf(fields, isOld),
    keepAlive: isKept(fields.get('connection'), isOld),
    expectsContinue: !isOld && expectsContinue(fields.get('expect')),
    fieldCount: lines.length,
    authorization: fields.get('authorization') ?? null,
    contentType: fields.get('content-type') ?? null,
    contentEncoding: fields.get('content-encoding') ?? null,
  };
}

const pathOf = (target: string): string => target.replace(originOfTarget, '').split('?', 1)[0] || '/';

function fieldsOf(lines: readonly string[]): Fields {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, field, text] = fieldLine.exec(line) ?? [];
    if (field === undefined || text === undefined) throw new RefusedRequest(400, 'a header field is malformed');
    const name = field.toLowerCase();
    const before = fields.get(name);
    if (before !== undefined && singular.some((only) => only === name)) throw new RefusedRequest(400, `${name} is there twice`);
    const value = text.trimEnd();
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

function lengthOf(fields: Fields, isOld: boolean): number | 'chunked' {
  const [coding, length] = [fields.get('transfer-encoding'), fields.get('content-length')];
  if (coding !== undefined) {
    if (length !== undefined || isOld) throw new RefusedRequest(400, 'the length of the body is contradictory');
    if (coding.toLowerCase() !== 'chunked') throw new RefusedRequest(501, 'the only transfer coding is chunked');
    return 'chunked';
  }
  if (length === undefined) return 0;
  if (!/^\d{1,15}$/.test(length)) throw new RefusedRequest(400, 'the length of the body is not a number');
  return Number(length);
}

function isKept(connection: string | undefined, isOld: boolean): boolean {
  const options = connection === undefined ? [] : connection.toLowerCase().split(/[\s,]+/);
  return isOld ? options.includes('keep-alive') : !options.includes('close');
}

function expectsContinue(expect: string | undefined): boolean {
  if (expect === undefined) return false;
  if (expect.toLowerCase() === '100-continue') return true;
  throw new RefusedRequest(417, 'the only expectation is 100-continue');
}
