import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { IngestServer } from '../../src/ingest/index.js';
import { Database } from '../../src/storage/index.js';
import { startTelemetry, type Telemetry } from '../../src/telemetry/index.js';
import { exportTraces, framed, GrpcCaller } from '../support/grpc-caller.js';
import { type IngestUnderTest, startIngest, until } from '../support/otlp-ingest.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

const folder = mkdtempSync(join(tmpdir(), 'assay-refusals-'));
const wrong = `assay_wrong_${'w'.repeat(43)}`;
const right = `assay_pusher_${'p'.repeat(43)}`;
const said: string[] = [];
let database: Database;
let ingest: IngestUnderTest;
let telemetry: Telemetry;

beforeAll(async () => {
  const tokensFile = join(folder, 'tokens');
  writeFileSync(tokensFile, `pusher ingest sha256:${createHash('sha256').update(right).digest('hex')}\n`);
  telemetry = await startTelemetry({ host: '127.0.0.1', metricsPort: 0 }, { exportTraces: false });
  database = await openMemoryStore();
  ingest = await startIngest(IngestServer, database, { tokensFile, otlp: { grpcPort: 0, maxBodyBytes: 1_000, maxConnections: 4 } });
  const keep = (line: unknown): void => void said.push(String(line));
  Logger.overrideLogger({ log: keep, warn: keep, error: keep });
}, patienceMs);
afterAll(async () => {
  Logger.overrideLogger(false);
  await ingest.stop();
  await telemetry.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

const page = async (): Promise<string> => (await fetch(telemetry.metricsUrl ?? '')).text();
const shows = (door: string, reason: string, count: number) =>
  until(page, (text) => text.includes(`assay_otlp_refused_requests_total{door="${door}",reason="${reason}"} ${count}`));
const linesOf = (reason: string): string[] => said.filter((line) => line.includes(`(${reason})`));

describe('Whoever operates the server sees that senders are refused', () => {
  it('on the metrics page and in the log, with what to do and without the token', async () => {
    const json = { 'content-type': 'application/json', connection: 'close' };
    for (let time = 0; time < 3; time += 1) await ingest.post('/v1/traces', '{}', { ...json, authorization: `Bearer ${wrong}` });
    await ingest.post('/v1/traces', ' '.repeat(2_000), { ...json, authorization: `Bearer ${right}` });
    const caller = new GrpcCaller(ingest.server.grpcPort as number);
    await caller.call(exportTraces, framed(Buffer.alloc(0)), { authorization: `Bearer ${wrong}` });
    caller.close();
    await shows('http', 'unauthenticated', 3);
    await shows('http', 'too-large', 1);
    await shows('grpc', 'unauthenticated', 1);
    expect(linesOf('unauthenticated').map((line) => line.split(' ')[0])).toEqual(['OTLP/HTTP', 'OTLP/gRPC']);
    expect(linesOf('unauthenticated')[0]).toContain('ASSAY_TOKENS_FILE');
    expect(linesOf('too-large')[0]).toContain('ASSAY_OTLP_MAX_BODY_BYTES');
    expect(said.join('\n')).not.toContain(wrong);
  }, 60_000);

  it('also those that never got a word in', async () => {
    const lines = Array.from({ length: 5 }, () => connect(Number(new URL(ingest.url).port), '127.0.0.1').on('error', () => undefined));
    await shows('http', 'too-many-connections', 1);
    for (const line of lines) line.destroy();
  }, 60_000);
});
