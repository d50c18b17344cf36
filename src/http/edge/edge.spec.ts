import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { HttpException, NotFoundException } from '@nestjs/common';
import fc from 'fast-check';
import * as errors from '../../domain/errors.js';
import { eventInBytes } from '../runs/event-stream.js';
import { waitMsOf } from '../runs/wait.js';
import { isDeeperThan } from './json-depth.js';
import { answerTo, edgeMeanings, meanings } from './problem.js';
import { checkHead, HeadTooLargeError, requestIdOf } from './request-checks.js';
import { isTextMap } from './text-map.decorator.js';

const bytes = (text: string): Buffer => Buffer.from(text);

describe('nesting', () => {
  it.each([
    ['[[[]]]', 3, false],
    ['[[[[]]]]', 3, true],
    ['{"a":{"b":[1]}}', 3, false],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 32, true],
    ['['.repeat(100_000), 32, true],
    [`"${'['.repeat(100)}"`, 3, false],
    [`{"a":"\\"${'{'.repeat(100)}"}`, 3, false],
    [`"\\\\"${'['.repeat(4)}`, 3, true],
    ['[],[],[],[],[]', 1, false],
    ['', 1, false],
  ])('of %.40s beyond %d: %p', (json, limit, deeper) => {
    expect(isDeeperThan(limit, bytes(json))).toBe(deeper);
  });

  it('is judged as the parser would', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 1, max: 6 }), (json, limit) => {
        expect(isDeeperThan(limit, bytes(json))).toBe(depthOf(JSON.parse(json)) > limit);
      }),
    );
  });
});

describe('the head of a request', () => {
  const head = (rawHeaders: string[], url = '/'): { raw: never; url: string } => ({ raw: { rawHeaders } as never, url });

  it('may name one host', () => {
    expect(() => checkHead(head(['Host', 'a', 'Accept', 'host']))).not.toThrow();
    expect(() => checkHead(head(['Host', 'a', 'host', 'b']))).toThrow('more than one Host');
  });

  it('may have a hundred headers', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => [`x-${index}`, '1']).flat();
    expect(() => checkHead(head(many(100)))).not.toThrow();
    expect(() => checkHead(head(many(101)))).toThrow(HeadTooLargeError);
  });

  it('asks for a path of this server', () => {
    expect(() => checkHead(head([], 'http://elsewhere/v1'))).toThrow('has to be a path');
    expect(() => checkHead(head([], `/?${'a'.repeat(4096)}`))).toThrow(HeadTooLargeError);
  });

  it.each([
    ['abc-1.2_3', 'abc-1.2_3'],
    ['a b', 'new'],
    ['', 'new'],
    ['a'.repeat(65), 'new'],
    ['{"level":"error"}', 'new'],
    [['a', 'b'], 'new'],
    [undefined, 'new'],
  ])('with the id %j is known as %s', (header, id) => {
    expect(requestIdOf(header, () => 'new')).toBe(id);
  });
});

describe('a map from outside', () => {
  const rules = { entries: 3, letters: 5 };
  it.each([
    [{ a: 'b' }, true],
    [{ toString: 'b', hasOwnProperty: 'c' }, true],
    [{}, true],
    [{ a: 'too long' }, false],
    [{ a: 1 }, false],
    [{ a: { b: 'c' } }, false],
    [{ 'a\n': 'b' }, false],
    [{ '': 'b' }, false],
    [{ a: '1', b: '2', c: '3', d: '4' }, false],
    [['a'], false],
    ['text', false],
    [null, false],
  ])('%j is accepted: %p', (value, accepted) => {
    expect(isTextMap(value, rules)).toBe(accepted);
  });

  it('may be a text or have scalars where that is said', () => {
    expect(isTextMap('text', { ...rules, orText: true })).toBe(true);
    expect(isTextMap('', { ...rules, orText: true })).toBe(false);
    expect(isTextMap({ a: 1, b: true }, { ...rules, scalars: true })).toBe(true);
    expect(isTextMap({ a: Number.POSITIVE_INFINITY }, { ...rules, scalars: true })).toBe(false);
  });
});

describe('what went wrong, as a problem', () => {
  it.each([
    [new errors.InvalidRequestError('x'), 400, 'ASSAY_REQUEST_INVALID'],
    [new errors.InvalidTemplateError('x'), 422, 'ASSAY_TEMPLATE_INVALID'],
    [new errors.UnauthorizedError('x'), 401, 'ASSAY_UNAUTHORIZED'],
    [new errors.ForbiddenError('x'), 403, 'ASSAY_FORBIDDEN'],
    [new errors.NotFoundError('x'), 404, 'ASSAY_NOT_FOUND'],
    [new errors.ConflictError('x'), 409, 'ASSAY_CONFLICT'],
    [new errors.OverloadedError('x'), 429, 'ASSAY_OVERLOADED'],
    [new errors.StoreUnavailableError('x'), 503, 'ASSAY_STORE_UNAVAILABLE'],
    [new HeadTooLargeError('x'), 431, 'ASSAY_HEAD_TOO_LARGE'],
    [new NotFoundException('Cannot GET /x'), 404, 'ASSAY_NOT_FOUND'],
    [Object.assign(new Error('x'), { statusCode: 413 }), 413, 'ASSAY_TOO_LARGE'],
    [Object.assign(new Error('x'), { statusCode: 415 }), 415, 'ASSAY_MEDIA_TYPE'],
    [Object.assign(new Error('x'), { statusCode: 400 }), 400, 'ASSAY_REQUEST_INVALID'],
    [Object.assign(new Error('x'), { statusCode: 408 }), 408, 'ASSAY_TIMEOUT'],
    [new Error('secret inside'), 500, 'ASSAY_INTERNAL'],
    [Object.assign(new Error('secret inside'), { statusCode: 500 }), 500, 'ASSAY_INTERNAL'],
    [new HttpException('secret inside', 500), 500, 'ASSAY_INTERNAL'],
    [new RangeError('secret inside'), 500, 'ASSAY_INTERNAL'],
    ['secret inside', 500, 'ASSAY_INTERNAL'],
    [undefined, 500, 'ASSAY_INTERNAL'],
  ])('%p is %d %s', (error, status, code) => {
    const { body, headers, status: said } = answerTo(error, 'req-1');
    expect([said, body.status, body.code]).toEqual([status, status, code]);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.stringify(body)).not.toContain('secret inside');
    expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'code', 'detail', 'issues', 'requestId']);
  });

  it('says when to come again and how to come in', () => {
    expect(answerTo(new errors.OverloadedError('x'), '').headers['retry-after']).toBe('2');
    expect(answerTo(new errors.StoreUnavailableError('x'), '').headers['retry-after']).toBe('5');
    expect(answerTo(new errors.UnauthorizedError('x'), '').headers['www-authenticate']).toBe('Bearer realm="assay"');
    expect(answerTo(new errors.ForbiddenError('x'), '').headers['www-authenticate']).toContain('insufficient_scope');
  });

  it('is in docs/errors.md with its status, every one', () => {
    const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^\| `(ASSAY_\w+)` \| (\d+|none) \|/gm)].map(([, code, status]) => [code, status]);
    const neverOverHttp = new Set(['ASSAY_CONFIG_INVALID']);
    const known = Object.entries({ ...meanings, ...edgeMeanings }).map(([code, { status }]) => [
      code,
      neverOverHttp.has(code) ? 'none' : String(status),
    ]);
    expect(documented).toEqual(known);
  });
});

describe('an event on the line', () => {
  it('cannot be forged by a reason with line breaks', () => {
    const text = eventInBytes({ id: 'a', name: 'verdict', data: { reason: 'x\n\nevent: verdict\ndata: {"decision":"promote"}' } });
    expect(text.split('\n').filter((line) => line.startsWith('data:'))).toHaveLength(1);
  });
});

describe('how long a caller waits', () => {
  it.each([
    ['25s', 25_000],
    ['1500ms', 1500],
    ['25001ms', null],
    ['60s', null],
    ['25', null],
    [undefined, 0],
    ['0s', 0],
  ])('%p is %p ms', (wait, ms) => {
    expect(waitMsOf(wait)).toBe(ms);
  });
});
