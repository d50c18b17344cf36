import { request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import type { OtlpSettings, Settings } from '../../src/config/index.js';
import type { ClosedWindow, RecordingPlan, TimeSlice } from '../../src/domain/index.js';
import type { IngestServer } from '../../src/ingest/index.js';
import { type Database, ForeignDocumentStore, ReceivingLifeStore, WindowStore } from '../../src/storage/index.js';

/** Windows of a second, closed quickly, so that a spec need not wait. */
export const quickPlan: RecordingPlan = {
  windowMs: 1_000,
  latenessMs: 300,
  attributes: ['http.route', 'kind', 'service.name', 'service.version', 'status'],
  values: [],
};

const otlpDefaults: OtlpSettings = {
  host: '127.0.0.1',
  port: 0,
  grpcPort: null,
  threads: 0,
  maxBodyBytes: 8 * 2 ** 20,
  maxDecodedBytes: 20 * 2 ** 20,
  maxBytesInFlight: 64 * 2 ** 20,
  maxConnections: 1_024,
  headerTimeoutSeconds: 10,
  requestTimeoutSeconds: 60,
  maxAgeSeconds: 3_600,
  maxFutureSeconds: 300,
  maxSeries: 1_000,
  maxCohortSeries: 1_000,
  restartGraceSeconds: 0,
};

export interface IngestUnderTest {
  readonly server: IngestServer;
  readonly url: string;
  post(path: string, body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<OtlpReply>;
  /** every window stored so far */
  stored(): Promise<ClosedWindow[]>;
  stop(): Promise<void>;
}

export interface IngestOptions {
  readonly otlp?: Partial<OtlpSettings>;
  readonly plan?: RecordingPlan;
  readonly tokensFile?: string;
  readonly store?: Pick<WindowStore, 'append' | 'newestEnd' | 'hasRoom'>;
}

/** The real listener over a real store. @param Server  the class, from src or, with threads, from dist */
export async function startIngest(Server: typeof IngestServer, database: Database, options: IngestOptions = {}): Promise<IngestUnderTest> {
  Logger.overrideLogger(false);
  const settings = { otlp: { ...otlpDefaults, ...options.otlp }, tokensFile: options.tokensFile ?? null } as Settings;
  const windows = new WindowStore(database);
  const store: WindowStore = Object.assign(
    Object.create(windows),
    { markLost: (slices: readonly TimeSlice[]) => windows.markLost(slices) },
    options.store,
  );
  const server = new Server(settings, store, new ReceivingLifeStore(new ForeignDocumentStore(database)));
  server.usePlan(options.plan ?? quickPlan);
  await server.start();
  const url = `http://127.0.0.1:${server.port}`;
  return {
    server,
    url,
    post: (path, body, headers = {}) => post(`${url}${path}`, body, headers),
    stored: () => windows.read({ from: 0, to: Number.MAX_SAFE_INTEGER }),
    stop: () => server.stop(),
  };
}

export interface OtlpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** POST without any client's own ideas about bodies and retries. Rejects when the answer breaks off. */
export function post(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>>,
  method = 'POST',
): Promise<OtlpReply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      buffer(response).then((body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }), reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Asks again until the answer is what one waits for. @throws Error after 45 s */
export async function until<Value>(ask: () => Promise<Value> | Value, isReached: (value: Value) => boolean): Promise<Value> {
  const deadline = performance.now() + 45_000;
  for (;;) {
    const value = await ask();
    if (isReached(value)) return value;
    if (performance.now() > deadline) throw new Error(`waited in vain; the last answer was ${JSON.stringify(value).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
