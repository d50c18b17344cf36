import { type FastifyInstance } from 'fastify';
import { InvalidRequestError } from '../../domain/index.js';
import { useFormBodies } from './form-body.js';
import { isDeeperThan } from './json-depth.js';
import { limits } from './limits.js';

/** Bodies are JSON, or YAML text for a template; anything else is refused with 415. */
export function useBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: limits.bodyBytes }, (request, body: Buffer, done) => {
    if (isDeeperThan(limits.jsonDepth, body)) {
      return done(new InvalidRequestError(`JSON is nested deeper than ${limits.jsonDepth} levels`));
    }
    const text = body.toString('utf8');
    if (text === '' && takesNoBody(request)) return done(null, undefined);
    return parse(request, text, (error, parsed) => done(error && isJson(text) ? new InvalidRequestError(ofEveryObject) : error, parsed));
  });
  fastify.addContentTypeParser(
    ['text/yaml', 'application/yaml', 'application/x-yaml', 'text/plain'],
    { parseAs: 'string', bodyLimit: limits.templateBytes },
    (_request, body, done) => done(null, body),
  );
  useFormBodies(fastify);
}

/** Orca cancels with no body and says that it is JSON. */
const takesNoBody = ({ method }: { readonly method: string }): boolean => method === 'PUT';

const ofEveryObject = 'the body has a field named `__proto__`, or `prototype` in `constructor`, and no field may be called that: remove it';

/** Refused although it is JSON: then it is for the names in it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
