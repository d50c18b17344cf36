import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Logger } from 'pino';
import { type Options } from 'pino-http';

/** Tools that cannot send headers carry their token in the path, as `/t/{token}/`. */
const withoutToken = (path: string): string => path.replace(/\/t\/[^/?#]*/g, '/t/…');

/** 503 that is no problem: a tool asked for it as long as nothing is decided, and asks again every few seconds. */
const isNotYet = (response: ServerResponse): boolean =>
  response.statusCode === 503 && String(response.getHeader('content-type')).startsWith('application/json');

/** How requests are logged: what was asked and answered, never headers or bodies. What went well is only for debugging. */
export function requestLog(logger: Logger): Options<IncomingMessage, ServerResponse> {
  return {
    logger,
    quietReqLogger: true,
    genReqId: ({ id }) => id,
    customLogLevel: ({ method }, response, error) => {
      const { statusCode } = response;
      if (!error && isNotYet(response)) return 'debug';
      if (error || statusCode >= 500) return 'error';
      return statusCode < 400 && (method === 'GET' || method === 'HEAD') ? 'debug' : 'info';
    },
    customSuccessMessage: ({ method }, { statusCode }) => `${method} answered with ${statusCode}`,
    customErrorMessage: ({ method }, { statusCode }) => `${method} failed with ${statusCode}`,
    serializers: {
      req: ({ id, method, url }) => ({ id, method, url: withoutToken(String(url)) }),
      res: ({ statusCode }) => ({ statusCode }),
    },
  };
}
