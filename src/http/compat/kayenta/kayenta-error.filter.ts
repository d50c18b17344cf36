import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { answerTo } from '../../edge/problem.js';

/** Errors as Kayenta's clients show them: `{"message": …}`, with the fields of a problem beside it. */
@Catch()
export class KayentaErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('kayenta');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { status, headers, body } = answerTo(error, http.getRequest<FastifyRequest>().id);
    if (status >= 500) this.log.error(`request ${body.requestId} failed`, error instanceof Error ? error.stack : String(error));
    const said = JSON.stringify({ message: body.detail, ...body });
    http
      .getResponse<FastifyReply>()
      .status(status)
      .headers({ ...headers, 'content-type': 'application/json' })
      .send(said);
  }
}
