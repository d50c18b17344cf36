import { type FastifyInstance } from 'fastify';
import { InvalidRequestError } from '../../domain/index.js';
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
    return parse(request, body.toString('utf8'), done);
  });
  fastify.addContentTypeParser(
    ['text/yaml', 'application/yaml', 'application/x-yaml', 'text/plain'],
    { parseAs: 'string', bodyLimit: limits.templateBytes },
    (_request, body, done) => done(null, body),
  );
}
