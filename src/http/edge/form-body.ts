import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import { limits } from './limits.js';

/** The route takes a form as its body; any other answers 415. */
export const FormBody = (): MethodDecorator => RouteConfig({ takesForms: true });

/** Reads forms on routes that take them: a name given more than once becomes a list. */
export function useFormBodies(fastify: FastifyInstance): void {
  const form = 'application/x-www-form-urlencoded';
  fastify.addContentTypeParser(form, { parseAs: 'string', bodyLimit: limits.templateBytes }, (request, body, done) => {
    const { config } = request.routeOptions;
    if (!('takesForms' in config)) return done(Object.assign(new Error(`Unsupported Media Type: ${form}`), { statusCode: 415 }));
    return done(null, fieldsOf(String(body)));
  });
}

function fieldsOf(body: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  const parsed = new URLSearchParams(body);
  for (const name of new Set(parsed.keys())) {
    const values = parsed.getAll(name);
    fields[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return fields;
}
