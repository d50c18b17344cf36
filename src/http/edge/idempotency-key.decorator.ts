import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { InvalidRequestError } from '../../domain/index.js';

const printable = /^[\x21-\x7e]{1,200}$/;

/** The caller's `Idempotency-Key`: the same key asks for the same thing, however often it is sent. Null without one. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext): string | null => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (header === undefined) return null;
  if (typeof header === 'string' && printable.test(header)) return header;
  throw new InvalidRequestError('Idempotency-Key has to be one word of at most 200 plain letters');
});
