import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { DestinationStream } from 'pino';
import { AppModule } from '../../src/app.module.js';
import { loadSettings, newToken, type Scope, type Settings, scopes } from '../../src/config/index.js';
import type { Run, Verdict } from '../../src/domain/index.js';
import { newAdapter, type TimeLimits, useEdge } from '../../src/http/create-app.js';
import { ServerLife } from '../../src/http/index.js';
import { Database } from '../../src/storage/index.js';
import { createLog, NestLog } from '../../src/telemetry/index.js';
import { TemplateCatalog } from '../../src/templates/index.js';
import { VerdictRecorder } from '../../src/verdicts/index.js';
import { sampleVerdict, sampleWindow } from './sample-run.js';
import { openMemoryStore } from './stores.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: specs read what came, whatever its shape
  readonly body: any;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** The real API over real HTTP on a store in memory; no looks are taken unless a spec records one. */
export class TestApi {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    /** by scope; empty without a tokens file */
    readonly tokens: Readonly<Partial<Record<Scope, string>>>,
    private readonly tokensFile: string | null,
  ) {}

  static async start(
    options: { tokens?: boolean; times?: TimeLimits; log?: DestinationStream; settings?: Partial<Settings> } = {},
  ): Promise<TestApi> {
    const made = options.tokens ? makeTokens() : { tokens: {}, file: null };
    const loaded = loadSettings({ ASSAY_STORE: 'memory:', ASSAY_PORT: '0', ASSAY_METRICS_PORT: 'off', ASSAY_OTLP_THREADS: '0' });
    const settings: Settings = { ...loaded, tokensFile: made.file, publicUrl: 'http://assay.example', ...options.settings };
    const log = createLog(options.log ? 'debug' : 'silent', [], options.log ?? { write: () => undefined });
    const module = await Test.createTestingModule({ imports: [AppModule.with(settings, log)] })
      .overrideProvider(Database)
      .useValue(await openMemoryStore())
      .setLogger(new NestLog(log))
      .compile();
    const app = module.createNestApplication<NestFastifyApplication>(newAdapter(options.times), { bodyParser: false });
    await useEdge(app, settings);
    await app.init();
    await app.get(TemplateCatalog).start();
    await app.listen(0, '127.0.0.1');
    return new TestApi(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'), made.tokens, made.file);
  }

  async ask(path: string, { method = 'GET', body, headers = {}, token }: Asking = {}): Promise<Answer> {
    const json = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(json !== undefined && { body: json }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
  }

  post(path: string, body: unknown, rest: Omit<Asking, 'method' | 'body'> = {}): Promise<Answer> {
    return this.ask(path, { ...rest, method: 'POST', body });
  }

  get<T>(token: { readonly prototype: T }): T {
    return this.app.get<T>(token as Type<T>, { strict: false });
  }

  /** What the scheduler would do: the next look says this. */
  async look(run: Run, verdict: Partial<Verdict>): Promise<Run> {
    const said = sampleVerdict(verdict);
    const recorded = await this.get(VerdictRecorder).record(run, { at: new Date(), window: sampleWindow(run.looks), verdict: said });
    if (!recorded) throw new Error('another look came first');
    return recorded;
  }

  async stop(): Promise<void> {
    this.get(ServerLife).beginStop();
    this.app.getHttpServer().closeAllConnections();
    await this.get(TemplateCatalog).stop();
    await this.app.close();
    if (this.tokensFile) rmSync(dirname(this.tokensFile), { recursive: true, force: true });
  }
}

function makeTokens(): { tokens: Partial<Record<Scope, string>>; file: string } {
  const made = scopes.map((scope) => ({ scope, ...newToken(scope, [scope], randomBytes(32)) }));
  const file = join(mkdtempSync(join(tmpdir(), 'assay-api-')), 'tokens');
  writeFileSync(file, made.map(({ line }) => `${line}\n`).join(''));
  return { tokens: Object.fromEntries(made.map(({ scope, token }) => [scope, token])), file };
}
