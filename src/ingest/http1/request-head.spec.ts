import { describe, expect, it } from '@jest/globals';
import { RefusedRequest } from '../refused-request.js';
import { readHead } from './request-head.js';

const head = (...lines: string[]): string => ['POST /v1/traces?a=b HTTP/1.1', 'Host: a', ...lines].join('\r\n');

const statusOf = (text: string): number => {
  try {
    readHead(text);
    return 200;
  } catch (error) {
    return error instanceof RefusedRequest ? error.status : 0;
  }
};

describe('The head of a request', () => {
  it('says what matters, whatever the case and the white space', () => {
    const fields = ['content-LENGTH:  12 ', 'Content-Type: application/x-protobuf', 'Authorization:\tBearer x', 'content-encoding: gzip'];
    expect(readHead(head(...fields))).toEqual({
      method: 'POST',
      path: '/v1/traces',
      length: 12,
      keepAlive: true,
      expectsContinue: false,
      fieldCount: 5,
      authorization: 'Bearer x',
      contentType: 'application/x-protobuf',
      contentEncoding: 'gzip',
    });
  });

  it.each<[string, Partial<ReturnType<typeof readHead>>]>([
    [head(), { length: 0 }],
    [head('Transfer-Encoding: Chunked'), { length: 'chunked' }],
    [head('Connection: Upgrade, close'), { keepAlive: false }],
    [head('Expect: 100-Continue'), { expectsContinue: true }],
    ['GET / HTTP/1.0', { keepAlive: false }],
    ['GET / HTTP/1.0\r\nConnection: keep-alive', { keepAlive: true }],
    [head('x: 1', 'x: 2'), { fieldCount: 3 }],
    ['POST http://a:4318/v1/traces?b=c HTTP/1.1\r\nHost: a', { path: '/v1/traces' }],
    ['POST HTTPS://[::1]/v1/logs HTTP/1.1\r\nHost: b', { path: '/v1/logs' }],
    ['POST http://a?b=/v1/logs HTTP/1.1\r\nHost: a', { path: '/' }],
    ['OPTIONS * HTTP/1.1\r\nHost: a', { path: '*' }],
    ['POST //v1/traces HTTP/1.1\r\nHost: a', { path: '//v1/traces' }],
  ])('%j is understood', (text, said) => {
    expect(readHead(text)).toMatchObject(said);
  });

  it.each<[string, number, string]>([
    ['another version', 400, 'PRI * HTTP/2.0'],
    ['no version', 400, 'GET /'],
    ['two spaces', 400, 'GET  / HTTP/1.1\r\nHost: a'],
    ['no host', 400, 'POST / HTTP/1.1'],
    ['no host beside the one in its target', 400, 'POST http://a/v1/traces HTTP/1.1'],
    ['two hosts', 400, head('Host: b')],
    ['a length and chunks', 400, head('Content-Length: 3', 'Transfer-Encoding: chunked')],
    ['two lengths', 400, head('Content-Length: 3', 'Content-Length: 3')],
    ['a list of lengths', 400, head('Content-Length: 3, 3')],
    ['a signed length', 400, head('Content-Length: +3')],
    ['a hexadecimal length', 400, head('Content-Length: 0x3')],
    ['a length beyond all numbers', 400, head('Content-Length: 9999999999999999')],
    ['chunks in HTTP/1.0', 400, 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked'],
    ['chunks twice', 400, head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
    ['another transfer coding', 501, head('Transfer-Encoding: gzip, chunked')],
    ['a transfer coding that only looks like chunked', 501, head('Transfer-Encoding: xchunked')],
    ['a space before the colon', 400, head('Content-Length : 3')],
    ['a folded line', 400, head('x: 1', ' Content-Length: 3')],
    ['a lone line feed', 400, head('x: 1\nContent-Length: 3')],
    ['a lone carriage return', 400, head('x: 1\rContent-Length: 3')],
    ['a zero byte', 400, head('x: \0')],
    ['a field without a name', 400, head(': 3')],
    ['two tokens', 400, head('Authorization: Bearer a', 'Authorization: Bearer b')],
    ['another expectation', 417, head('Expect: 200-ok')],
  ])('with %s is refused with %i', (_, status, text) => {
    expect(statusOf(text)).toBe(status);
  });
});
