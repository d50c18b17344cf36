import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { InvalidRequestError } from '../../domain/index.js';
import { limits } from './limits.js';
import { letSenderFinish } from './refuse-bytes.js';

/** The request's head is larger than anybody needs. */
export class HeadTooLargeError extends Error {}

/** What Node and Fastify let through although it is only ever an attack or a mistake. */
export function useRequestChecks(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    checkHead(request);
  });
  fastify.addHook('onSend', async ({ raw }, reply, payload) => {
    if (!raw.complete) {
      reply.removeHeader('connection'); // Fastify's `close` would cut the sender off before it reads why
      letSenderFinish(raw);
    }
    return payload;
  });
}

/** @throws {InvalidRequestError | HeadTooLargeError} two hosts, too many headers, or too long a query */
export function checkHead(request: Pick<FastifyRequest, 'raw' | 'url'>): void {
  const { rawHeaders } = request.raw;
  if (rawHeaders.length / 2 > limits.headers) throw new HeadTooLargeError(`more than ${limits.headers} headers`);
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host');
  if (hosts.length > 1) throw new InvalidRequestError('the request names more than one Host');
  if (!request.url.startsWith('/')) throw new InvalidRequestError('the request target has to be a path');
  const query = request.url.indexOf('?');
  if (query >= 0 && request.url.length - query > limits.queryLetters) {
    throw new HeadTooLargeError(`the query is longer than ${limits.queryLetters} letters`);
  }
}

const wellFormed = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's `X-Request-Id` where it is harmless, so that both logs can be put side by side; else a new one. */
export function requestIdOf(header: string | string[] | undefined, random: () => string): string {
  return typeof header === 'string' && wellFormed.test(header) ? header : random();
}
