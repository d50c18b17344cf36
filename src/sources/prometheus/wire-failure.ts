import { type AssayError, SourceQueryError, SourceUnavailableError } from '../../domain/index.js';
import { plain } from './answer.js';

/** The question is right but its answer is too large: fewer points at a time may do. */
export class AnswerTooLargeError extends SourceQueryError {}

/** What is left of a failed exchange once everything that could carry a secret is gone. */
export interface WireFailure {
  /** code of Node or of the HTTP library */
  readonly code: string;
  /** HTTP status; null: there was no answer */
  readonly status: number | null;
  /** the engine's own words */
  readonly message: string | null;
  readonly tooLarge: boolean;
}

/** Keeps four harmless facts of an HTTP library's error, whose other fields hold headers and passwords. */
export function wireFailure(error: unknown): WireFailure {
  const { code, response, message } = error as { code?: unknown; message?: unknown; response?: { status?: unknown; data?: unknown } };
  const data = response?.data as { error?: unknown } | undefined;
  return {
    code: typeof code === 'string' ? code : 'UNKNOWN',
    status: typeof response?.status === 'number' ? response.status : null,
    message: typeof data?.error === 'string' ? plain(data.error) : null,
    tooLarge: typeof message === 'string' && message.startsWith('maxContentLength'),
  };
}

const connectCodes = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'];

/** A second attempt may well succeed: nobody was there, or a gateway could not reach the engine. */
export const isTransient = ({ code, status }: WireFailure): boolean =>
  status === null ? connectCodes.includes(code) : [502, 503, 504].includes(status);

export function errorOf(failure: WireFailure, maxBytes: number): AssayError {
  const { code, status, message } = failure;
  if (failure.tooLarge)
    return new AnswerTooLargeError(`the answer of Prometheus is larger than ${maxBytes / 2 ** 20} MiB; select fewer series`);
  if (status === null) return new SourceUnavailableError(`Prometheus could not be reached (${code})`);
  const said = message === null ? '' : `: ${message}`;
  if (status === 400 || status === 422) return new SourceQueryError(`Prometheus refused the query${said}`);
  if (status === 401 || status === 403) return new SourceUnavailableError(`Prometheus refused our credentials (${status})`);
  if (status >= 300 && status < 400)
    return new SourceUnavailableError(`Prometheus answered with a redirect (${status}); configure its final address`);
  return new SourceUnavailableError(`Prometheus answered ${status}${said}`);
}
