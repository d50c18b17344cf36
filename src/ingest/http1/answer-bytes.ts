import { STATUS_CODES } from 'node:http';
import type { Answer } from './exchange.js';

let date = '';
let dateAt = Number.NEGATIVE_INFINITY;

/**
 * An answer as it goes over the line.
 *
 * @param idleSeconds  how long the line stays open for another request; null: it is closed after this one
 * @param withBody     false: to HEAD, which wants to know what it would be only
 */
export function answerBytes({ status, headers, body }: Answer, idleSeconds: number | null, withBody: boolean): Buffer {
  const line = idleSeconds === null ? 'connection: close' : `connection: keep-alive\r\nkeep-alive: timeout=${idleSeconds}`;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${line}\r\ndate: ${dateNow()}\r\ncontent-length: ${body.length}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  head += '\r\n';
  const bytes = Buffer.allocUnsafe(head.length + (withBody ? body.length : 0));
  bytes.write(head, 'latin1');
  if (withBody) bytes.set(body, head.length);
  return bytes;
}

/** It has whole seconds, so it is written once a second. */
function dateNow(): string {
  const now = Date.now();
  if (now - dateAt < 1_000 && now >= dateAt) return date;
  dateAt = now - (now % 1_000);
  date = new Date(dateAt).toUTCString();
  return date;
}
