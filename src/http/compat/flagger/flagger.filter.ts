import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { answerTo } from '../../edge/problem.js';
import { oneLine } from './one-line.js';

/** Errors as Flagger can use them: no, with one line that it shows in its events; 503 only where asking again helps. */
@Catch()
export class FlaggerFilter implements ExceptionFilter {
  private readonly log = new Logger('flagger');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { status, headers, body } = answerTo(error, request.id);
    if (status >= 500) this.log.error(`request ${body.requestId} failed`, error instanceof Error ? error.stack : String(error));
    const reply = http.getResponse<FastifyReply>();
    const isRollback = request.routeOptions.url?.includes('/rollback') ?? true;
    const retryAfter = headers['retry-after'];
    if (retryAfter !== undefined && !isRollback) reply.status(503).header('retry-after', retryAfter);
    else reply.status(status === 404 ? 404 : 403);
    reply.headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).send(oneLine(body.detail));
  }
}
