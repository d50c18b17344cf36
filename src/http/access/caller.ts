import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Scope } from '../../config/index.js';

/** Who sent a request, as the tokens file knows it; `local` where loopback needs no token. */
export interface Caller {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

const callers = new WeakMap<FastifyRequest, Caller>();

export const rememberCaller = (request: FastifyRequest, caller: Caller): void => void callers.set(request, caller);

/** Name of the caller, for what is kept about who did something. */
export const CallerName = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  return callers.get(context.switchToHttp().getRequest<FastifyRequest>())?.name ?? 'nobody';
});

/** The caller where it is known, also on routes that anybody may call. */
export const WhoAsks = createParamDecorator((_data: unknown, context: ExecutionContext): Caller | null => {
  return callers.get(context.switchToHttp().getRequest<FastifyRequest>()) ?? null;
});

/** Fires when the caller has hung up before the answer was complete. */
export const Disconnected = createParamDecorator((_data: unknown, context: ExecutionContext): AbortSignal => {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort(new Error('the caller has hung up')));
  if (reply.raw.destroyed) gone.abort(new Error('the caller has hung up'));
  return gone.signal;
});
