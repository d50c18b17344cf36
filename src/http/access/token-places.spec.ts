import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type FastifyRequest } from 'fastify';
import { newToken } from '../../config/index.js';
import { type TokenPlace, tokensIn, withoutToken } from './token-places.js';

const request = (parts: object): FastifyRequest => ({ headers: {}, params: {}, ...parts }) as unknown as FastifyRequest;
const everywhere: readonly TokenPlace[] = ['basic', 'path', 'metadata'];

describe('the tokens of a request', () => {
  it.each([
    ['a bearer', { headers: { authorization: 'Bearer abc' } }, ['abc']],
    ['the password of Basic', { headers: { authorization: `Basic ${btoa('user:a:b')}` } }, ['a:b']],
    ['Basic without a colon', { headers: { authorization: `Basic ${btoa('user')}` } }, []],
    ['Basic that is no base64', { headers: { authorization: 'Basic ???' } }, []],
    ['the path', { params: { token: 'abc' } }, ['abc']],
    ['metadata', { body: { metadata: { token: 'abc' } } }, ['abc']],
    ['metadata that is no text', { body: { metadata: { token: { length: 3 } } } }, []],
    ['metadata of no object', { body: 'metadata' }, []],
    ['nothing', {}, []],
  ])('are found in %s', (_name, parts, tokens) => {
    expect(tokensIn(request(parts), everywhere)).toEqual(tokens);
  });

  it('are looked for only where the route says so', () => {
    const parts = {
      headers: { authorization: `Basic ${btoa('user:abc')}` },
      params: { token: 'def' },
      body: { metadata: { token: 'ghi' } },
    };
    expect(tokensIn(request(parts), [])).toEqual([]);
    expect(tokensIn(request(parts), ['path'])).toEqual(['def']);
  });
});

describe('a path without its token', () => {
  const { token } = newToken('flagger', ['deployer'], randomBytes(32));

  it.each([
    [`/flagger/t/${token}/rollback`, '/flagger/t/…/rollback'],
    [`/flagger/t/${token}`, '/flagger/t/…'],
    [`Cannot POST /flagger/t/${token}?x=1`, 'Cannot POST /flagger/t/…?x=1'],
    [`/a/t/${token}/t/${token}/b`, '/a/t/…/t/…/b'],
    ['/v1/templates', '/v1/templates'],
  ])('%s is %s', (path, written) => {
    expect(withoutToken(path)).toBe(written);
  });
});
