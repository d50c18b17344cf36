import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ArgumentsHost, Logger } from '@nestjs/common';
import { ConflictError, ForbiddenError, InvalidRequestError, NotFoundError, StoreUnavailableError } from '../../../domain/index.js';
import { FlaggerFilter } from './flagger.filter.js';

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(true));

interface Sent {
  status: number;
  retryAfter: string | null;
  text: string;
}

/** What Fastify would send for this error of this hook. */
function sentFor(error: unknown, hook: string): Sent {
  const sent: Sent = { status: 0, retryAfter: null, text: '' };
  const reply = {
    status(status: number) {
      sent.status = status;
      return reply;
    },
    header(_name: string, value: string) {
      sent.retryAfter = value;
      return reply;
    },
    headers: () => reply,
    send(text: string) {
      sent.text = text;
    },
  };
  const request = { id: 'request-1', routeOptions: { url: `/flagger/t/:token/${hook}` } };
  const host = { switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }) };
  new FlaggerFilter().catch(error, host as unknown as ArgumentsHost);
  return sent;
}

describe('an error, as Flagger is told', () => {
  it.each([
    [new StoreUnavailableError('the store\ndoes not answer'), 503, 403],
    [new NotFoundError('no run'), 404, 404],
    [new ConflictError('taken'), 403, 403],
    [new ForbiddenError('no'), 403, 403],
    [new InvalidRequestError('checksum is missing'), 403, 403],
  ])('%s', (error, gate, rollback) => {
    expect(sentFor(error, 'confirm-promotion').status).toBe(gate);
    expect(sentFor(error, 'rollback').status).toBe(rollback);
    expect(sentFor(error, 'rollback').text).toMatch(/^[^\n]+\n$/);
  });

  it('says when to ask again only where it helps, and never to roll back', () => {
    const down = new StoreUnavailableError('down');
    expect([sentFor(down, 'rollout').retryAfter, sentFor(down, 'rollback').retryAfter]).toEqual(['5', null]);
    expect(sentFor(new ConflictError('taken'), 'rollout').retryAfter).toBeNull();
  });

  it('is no, without its text, where it is a bug', () => {
    const bug = sentFor(new TypeError('secret'), 'confirm-promotion');
    expect([bug.status, bug.text.includes('secret')]).toEqual([403, false]);
  });
});
