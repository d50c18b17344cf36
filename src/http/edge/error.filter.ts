import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { answerTo } from './problem.js';

/** Turns whatever was thrown into one problem, and logs what is ours to repair. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For errors that never reach a handler: routes that do not exist, bodies that do not parse. */
  send(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body } = answerTo(error, request.id);
    if (status >= 500) this.log.error(`${request.method} ${request.routeOptions.url ?? '?'} failed, request ${request.id}`, stackOf(error));
    if (reply.sent || reply.raw.headersSent) return;
    reply.status(status).headers(headers).send(JSON.stringify(body));
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
