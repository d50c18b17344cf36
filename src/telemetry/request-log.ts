import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Logger } from 'pino';
import { type Options } from 'pino-http';

/** Tools that cannot send headers carry their token in the path, as `/t/{token}/`. */
const withoutToken = (path: string): string => path.replace(/\/t\/[^/?#]*/g, '/t/…');

/** How requests are logged: what was asked and answered, never headers or bodies. What went well is only for debugging. */
export function requestLog(logger: Logger): Options<IncomingMessage, ServerResponse> {
  return {
    logger,
    quietReqLogger: true,
    genReqId: ({ id }) => id,
    customLogLevel: ({ method }, { statusCode }, error) => {
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
