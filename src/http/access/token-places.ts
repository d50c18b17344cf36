import { SetMetadata } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** Key under which a route keeps where else its callers carry a token. */
export const tokenPlacesKey = 'assay:token-places';

/** basic: the password of `Authorization: Basic`. path: the segment `:token`. metadata: `metadata.token` of a JSON body. */
export type TokenPlace = 'basic' | 'path' | 'metadata';

/** For tools that cannot send `Authorization: Bearer`: the token may also be in these places, tried in this order. */
export const TokenAlsoIn = (...places: readonly TokenPlace[]) => SetMetadata(tokenPlacesKey, places);

/** Tokens a request carries, from the header first; none of them is known to be valid. */
export function tokensIn(request: FastifyRequest, places: readonly TokenPlace[]): string[] {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return [bearer, ...places.map((place) => readers[place](request))].flatMap((token) => token ?? []);
}

const readers: Readonly<Record<TokenPlace, (request: FastifyRequest) => string | undefined>> = {
  basic: ({ headers }) => {
    const [, credentials] = /^Basic +([A-Za-z0-9+/=_-]{1,1024})$/i.exec(headers.authorization ?? '') ?? [];
    const text = Buffer.from(credentials ?? '', 'base64').toString('utf8');
    return text.includes(':') ? text.slice(text.indexOf(':') + 1) : undefined;
  },
  path: ({ params }) => textAt(params, 'token'),
  metadata: ({ body }) => textAt(valueAt(body, 'metadata'), 'token'),
};

const valueAt = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;

function textAt(value: unknown, name: string): string | undefined {
  const found = valueAt(value, name);
  return typeof found === 'string' ? found : undefined;
}

/** A path as it may be written down: what stands where a token could be is left out. */
export const withoutToken = (path: string): string => path.replace(/\/t\/[^/?#\s'"]*/g, '/t/…');
