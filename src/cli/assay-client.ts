import type { Decision } from '../domain/index.js';

/** What the verdict API answers, as far as commands read it. */
export interface VerdictAnswer {
  readonly run: string;
  readonly decision: Decision;
  readonly final: boolean;
  /** stopped by a person */
  readonly cancelled: boolean;
  readonly code: string;
  readonly reason: string;
  readonly looks: number;
  readonly elapsedSeconds: number | null;
  readonly etaSeconds: number | null;
  readonly metrics: readonly MetricAnswer[];
  /** name and content hash; '' where the server did not say */
  readonly template: string;
  /** where people find the run; '' where the server did not say */
  readonly url: string;
}

export interface MetricAnswer {
  readonly name: string;
  readonly role: string;
  readonly assessment: string;
  /** e-values */
  readonly evidence: { readonly harm: number | null; readonly safe: number | null };
  /** of both sides over the whole run, in `unit` */
  readonly baseline: SideAnswer;
  readonly canary: SideAnswer;
  readonly unit: string;
  /** canary against baseline, positive is worse: bounds, and the largest that is accepted, all on `scale` */
  readonly harm: { readonly low: number | null; readonly high: number | null };
  readonly margin: number | null;
  readonly scale: string;
  /** why it could not be read; null: it could */
  readonly missing: string | null;
  readonly warnings: readonly string[];
  /** ids of traces that show the harm */
  readonly traces: readonly string[];
}

interface SideAnswer {
  /** observations */
  readonly count: number | null;
  readonly value: number | null;
}

export interface RunRequest {
  readonly template: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** may be left out where the template compares with the past */
  readonly baseline?: string | Readonly<Record<string, string>>;
  readonly canary: string | Readonly<Record<string, string>>;
  readonly weight?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Nobody answered: refused, reset, no such host, too slow. */
export class UnreachableError extends Error {
  readonly retryable = true;
}

/** The server answered that it cannot or will not. `status` is HTTP's. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  get retryable(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** An answer that is not what the API promises: cut off, not JSON, fields missing, about another run. */
export class BrokenAnswerError extends Error {
  readonly retryable = true;
}

interface Question {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const largestAnswerBytes = 4 * 2 ** 20;

/** Asks one Assay server. Every answer is checked before it is believed; nothing is retried here. */
export class AssayClient {
  constructor(
    private readonly server: string,
    private readonly token: string | null = null,
  ) {}

  /** Starts a run, or finds the one already started under this key. */
  async startRun(request: RunRequest, idempotencyKey: string, signal?: AbortSignal): Promise<string> {
    const headers = { 'idempotency-key': idempotencyKey };
    const { body } = await this.ask('/v1/runs', { method: 'POST', body: request, headers, signal });
    const { id } = fieldsOf(body);
    if (typeof id !== 'string' || id === '') throw new BrokenAnswerError('the server started a run but did not say which');
    return id;
  }

  /** The newest verdict, after at most `waitSeconds`; null: nothing new since `etag`. */
  async verdict(
    run: string,
    waitSeconds: number,
    etag: string | null,
    signal?: AbortSignal,
  ): Promise<{ verdict: VerdictAnswer; etag: string | null } | null> {
    const answer = await this.ask(`/v1/runs/${encodeURIComponent(run)}/verdict?wait=${waitSeconds}s`, {
      headers: etag === null ? {} : { 'if-none-match': etag },
      timeoutMs: (waitSeconds + 10) * 1000,
      signal,
    });
    if (answer.status === 304) return null;
    return { verdict: verdictOf(answer.body, run), etag: answer.etag };
  }

  /** Any other call of the API; the caller checks the answer. */
  async post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return (await this.ask(path, { method: 'POST', body, signal })).body;
  }

  private async ask(path: string, question: Question): Promise<{ status: number; body: unknown; etag: string | null }> {
    const { method = 'GET', body, headers = {}, timeoutMs = 15_000, signal } = question;
    const patience = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${this.server}${path}`, {
      method,
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    }).catch((error: unknown) => {
      throw unreachable(this.server, error, signal);
    });
    const text = await readText(response).catch((error: unknown) => {
      if (error instanceof BrokenAnswerError) throw error;
      if (signal?.aborted) throw signal.reason;
      throw new BrokenAnswerError('the answer of the server was cut off', { cause: error });
    });
    if (response.status === 304) return { status: 304, body: null, etag: null };
    if (!response.ok) throw new RefusedError(response.status, problemOf(response.status, text));
    return { status: response.status, body: parse(text), etag: response.headers.get('etag') };
  }
}

function unreachable(server: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const said = cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name) : String(cause);
  return new UnreachableError(`no answer from ${server}: ${said}`, { cause: error });
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > largestAnswerBytes) throw new BrokenAnswerError(`the server answered more than ${largestAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BrokenAnswerError('the server did not answer with JSON', { cause: error });
  }
}

/** What a problem+json answer says, with every issue; something useful where it is not one. */
function problemOf(status: number, text: string): string {
  try {
    const { title, detail, issues } = fieldsOf(JSON.parse(text));
    const all = Array.isArray(issues) ? issues.map((issue) => fieldsOf(issue)['message']).filter((said) => typeof said === 'string') : [];
    const first = all.length > 1 ? title : (detail ?? title); // the detail repeats the first of several issues
    const said = [first, ...all].filter((part) => typeof part === 'string' && part !== '');
    const repair = status === 401 || status === 403 ? ' (the token comes from ASSAY_TOKEN or --token-file)' : '';
    if (said.length > 0) return `${status}: ${[...new Set(said)].join('; ')}${repair}`;
  } catch {
    // not JSON: a proxy in between answers pages
  }
  return `${status} from the server`;
}

/** @throws {BrokenAnswerError} what decides is missing, of another type, or about another run */
export function verdictOf(body: unknown, run: string): VerdictAnswer {
  const fields = fieldsOf(body);
  const { decision, final, code, reason } = fields;
  if (fields['run'] !== run) throw new BrokenAnswerError(`the server answered about another run than ${run}`);
  if (decision !== 'promote' && decision !== 'hold' && decision !== 'rollback') throw new BrokenAnswerError('the verdict has no decision');
  if (typeof final !== 'boolean') throw new BrokenAnswerError('the verdict does not say whether it is final');
  if (typeof code !== 'string' || typeof reason !== 'string') throw new BrokenAnswerError('the verdict has no reason');
  return {
    run,
    decision,
    final,
    cancelled: fields['state'] === 'cancelled' || code === 'cancelled',
    code,
    reason,
    looks: numberOf(fields['looks']) ?? 0,
    elapsedSeconds: numberOf(fields['elapsedSeconds']),
    etaSeconds: numberOf(fields['etaSeconds']),
    metrics: listOf(fields['metrics']).map(metricOf),
    template: textOf(fields['template']),
    url: textOf(fields['url']),
  };
}

function metricOf(body: unknown): MetricAnswer {
  const fields = fieldsOf(body);
  const { harm, safe } = fieldsOf(fields['evidence']);
  const { low, high } = fieldsOf(fields['harm']);
  const { detail } = fieldsOf(fields['missing']);
  return {
    name: String(fields['name']),
    role: textOf(fields['role']),
    assessment: String(fields['assessment']),
    evidence: { harm: numberOf(harm), safe: numberOf(safe) },
    baseline: sideOf(fields['baseline']),
    canary: sideOf(fields['canary']),
    unit: textOf(fields['unit']),
    harm: { low: numberOf(low), high: numberOf(high) },
    margin: numberOf(fields['margin']),
    scale: textOf(fields['scale']),
    missing: fields['missing'] ? textOf(detail) : null,
    warnings: listOf(fields['warnings']).map(String),
    traces: listOf(fields['exemplars']).map((exemplar) => textOf(fieldsOf(exemplar)['traceId'])),
  };
}

function sideOf(body: unknown): SideAnswer {
  const { count, value } = fieldsOf(body);
  return { count: numberOf(count), value: numberOf(value) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
}
