import { type Dispatcher, request } from 'undici';
import { DeliveryError } from '../domain/index.js';
import type { Message } from './channel.js';
import { retryAfter } from './retry-policy.js';

/** What came back from one attempt. */
export interface Answer {
  /** null: there was no answer */
  readonly status: number | null;
  /** why it is no success, in words without secrets; null: it is one */
  readonly error: string | null;
  /** beginning of the answer's text */
  readonly snippet: string | null;
  readonly retryAfterSeconds: number | null;
}

const totalTimeoutMs = 15_000;
const bodySilenceMs = 2_000;
const maxReadBytes = 64 * 1024;
const maxSnippetBytes = 1024;

/**
 * Sends a message once. Redirects are not followed: the signature is for this receiver only.
 * The status decides, however the answer's body ends. Never throws for what a receiver does.
 *
 * @throws the signal's reason, where the caller gave up
 */
export async function post(
  agent: Dispatcher,
  url: string,
  { method = 'POST', body, headers }: Message,
  signal: AbortSignal,
): Promise<Answer> {
  const target = targetOf(url);
  if (target instanceof DeliveryError) return failed(target.message);
  try {
    const response = await request(target, {
      method: method as Dispatcher.HttpMethod,
      dispatcher: agent,
      headers: { 'user-agent': 'assay', ...headers },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(totalTimeoutMs)]),
      bodyTimeout: bodySilenceMs,
    });
    const { statusCode: status } = response;
    const snippet = await beginningOf(response.body);
    const waitHeader = response.headers['retry-after'];
    const retryAfterSeconds = retryAfter(typeof waitHeader === 'string' ? waitHeader : null, new Date());
    return { status, error: errorOf(status), snippet, retryAfterSeconds };
  } catch (error) {
    signal.throwIfAborted();
    return failed(inWords(error));
  }
}

const failed = (error: string): Answer => ({ status: null, error, snippet: null, retryAfterSeconds: null });

function targetOf(url: string): URL | DeliveryError {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (!target || !/^https?:$/.test(target.protocol))
    return new DeliveryError('the address is not an http or https URL', { retryable: true });
  if (target.username || target.password) return new DeliveryError('the address holds a user name or password', { retryable: true });
  return target;
}

/** Reads on to the limit, so that a small answer frees its connection, and lets go of anything larger. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (size < maxSnippetBytes) chunks.push(chunk.subarray(0, maxSnippetBytes - size));
      size += chunk.length;
      if (size > maxReadBytes) break;
    }
  } catch {
    // cut off or silent: what was read so far is all there is to show
  }
  body.destroy();
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .trim();
  return text === '' ? null : text;
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `the receiver answered ${status}: redirects are not followed`;
  if (status === 410) return 'the receiver answered 410: it wants no more events';
  if (status === 408 || status === 429 || status >= 500) return `the receiver answered ${status}`;
  return `the receiver refused with ${status}: it will hardly change its mind`;
}

/** Our own words for every code: a library's message may hold the address, and that may be a secret. */
function inWords(error: unknown): string {
  for (let cause = error; typeof cause === 'object' && cause !== null; cause = 'cause' in cause ? cause.cause : null) {
    if (cause instanceof DeliveryError) return cause.message;
  }
  const { code = '', name = '' } = error as { code?: unknown; name?: unknown };
  if (name === 'TimeoutError') return `no answer within ${totalTimeoutMs / 1000} s`;
  return (
    networkTroubles[String(code)] ?? (/^[A-Z][A-Z0-9_]{2,60}$/.test(String(code)) ? `no connection (${String(code)})` : 'no connection')
  );
}

const networkTroubles: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the receiver refuses connections',
  ECONNRESET: 'the connection was lost before an answer came',
  EPIPE: 'the connection was lost before an answer came',
  UND_ERR_SOCKET: 'the connection was lost before an answer came',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 5 s',
  UND_ERR_HEADERS_TIMEOUT: `no answer within ${totalTimeoutMs / 1000} s`,
  UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
};
