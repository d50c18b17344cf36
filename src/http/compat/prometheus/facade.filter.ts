import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { answerTo } from '../../edge/problem.js';

const errorTypes: Readonly<Record<number, string>> = { 401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 503: 'unavailable' };

/** Errors in the envelope that clients of Prometheus read. */
@Catch()
export class FacadeFilter implements ExceptionFilter {
  private readonly log = new Logger('prometheus facade');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { status, headers, body } = answerTo(error, http.getRequest<FastifyRequest>().id);
    if (status >= 500) this.log.error(`request ${body.requestId} failed`, error instanceof Error ? error.stack : String(error));
    const errorType = errorTypes[status] ?? (status < 500 ? 'bad_data' : 'internal');
    const said = JSON.stringify({ status: 'error', errorType, error: body.detail });
    http
      .getResponse<FastifyReply>()
      .status(status)
      .headers({ ...headers, 'content-type': 'application/json' })
      .send(said);
  }
}
