import { HttpException } from '@nestjs/common';
import { AssayError, type AssayErrorCode, type Issue } from '../../domain/index.js';
import { withoutToken } from '../access/token-places.js';
import { type ProblemDto } from './problem.dto.js';
import { HeadTooLargeError } from './request-checks.js';

interface Meaning {
  readonly status: number;
  readonly title: string;
}

/** The one table from what went wrong to what HTTP says about it. docs/errors.md is compared with it. */
export const meanings = {
  ASSAY_REQUEST_INVALID: { status: 400, title: 'The request is wrong' },
  ASSAY_TEMPLATE_INVALID: { status: 422, title: 'The template is wrong' },
  ASSAY_UNAUTHORIZED: { status: 401, title: 'No valid token' },
  ASSAY_FORBIDDEN: { status: 403, title: 'The token may not do this' },
  ASSAY_NOT_FOUND: { status: 404, title: 'There is no such thing' },
  ASSAY_CONFLICT: { status: 409, title: 'It is too late, or taken' },
  ASSAY_OVERLOADED: { status: 429, title: 'Too much at once' },
  ASSAY_SOURCE_UNAVAILABLE: { status: 502, title: 'The source did not answer' },
  ASSAY_SOURCE_QUERY: { status: 422, title: 'The source refused the question' },
  ASSAY_DELIVERY: { status: 502, title: 'The receiver did not take it' },
  ASSAY_STORE_UNAVAILABLE: { status: 503, title: 'The store does not answer' },
  ASSAY_CONFIG_INVALID: { status: 500, title: 'The configuration is wrong' },
} as const satisfies Readonly<Record<AssayErrorCode, Meaning>>;

/** Codes of answers that come from the edge itself and are no AssayError. */
export const edgeMeanings = {
  ASSAY_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  ASSAY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  ASSAY_MEDIA_TYPE: { status: 415, title: 'The body has a type that is not understood' },
  ASSAY_HEAD_TOO_LARGE: { status: 431, title: 'The head of the request is too large' },
  ASSAY_INTERNAL: { status: 500, title: 'Assay has a bug' },
} as const satisfies Readonly<Record<string, Meaning>>;

const allMeanings: Readonly<Record<string, Meaning>> = { ...meanings, ...edgeMeanings };
const codeByStatus = new Map<number, string>([
  [400, 'ASSAY_REQUEST_INVALID'],
  [401, 'ASSAY_UNAUTHORIZED'],
  [403, 'ASSAY_FORBIDDEN'],
  [404, 'ASSAY_NOT_FOUND'],
  [414, 'ASSAY_HEAD_TOO_LARGE'],
  [429, 'ASSAY_OVERLOADED'],
  [503, 'ASSAY_STORE_UNAVAILABLE'],
  ...Object.entries(edgeMeanings).map(([code, { status }]) => [status, code] as [number, string]),
]);

/** Seconds after which asking again makes sense. */
const retryAfterSeconds: Readonly<Record<number, number>> = { 429: 2, 503: 5 };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemDto;
}

/** Any error as a caller may see it. What is not ours to explain is 500, without its text: it could hold anything. */
export function answerTo(error: unknown, requestId: string): Answer {
  const { code, detail, issues } = explained(error);
  const { status, title } = allMeanings[code] ?? edgeMeanings.ASSAY_INTERNAL;
  const retryAfter = retryAfterSeconds[status];
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer realm="assay"' }),
      ...(status === 403 && { 'www-authenticate': 'Bearer realm="assay", error="insufficient_scope"' }),
    },
    body: {
      type: `urn:assay:problem:${slugOf(code)}`,
      title,
      status,
      code,
      detail,
      issues: issues.map((issue) => ({ ...issue })),
      requestId,
    },
  };
}

interface Explained {
  readonly code: string;
  readonly detail: string;
  readonly issues: readonly Issue[];
}

function explained(error: unknown): Explained {
  if (error instanceof AssayError) return { code: error.code, detail: error.message, issues: error.issues };
  if (error instanceof HeadTooLargeError) return { code: 'ASSAY_HEAD_TOO_LARGE', detail: error.message, issues: [] };
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const code = (status !== null && codeByStatus.get(status)) || null;
  if (code === null || code === 'ASSAY_INTERNAL' || !(error instanceof Error)) return bug;
  return { code, detail: withoutToken(error.message), issues: [] };
}

const bug: Explained = {
  code: 'ASSAY_INTERNAL',
  detail: 'something went wrong inside Assay; the log has it under this request id',
  issues: [],
};

/** Fastify says with `statusCode` below 500 that the caller is to blame; only then its message is for the caller. */
function statusOf(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

const slugOf = (code: string): string =>
  code
    .replace(/^ASSAY_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
