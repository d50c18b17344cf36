import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { OtlpSettings } from '../config/index.js';
import { planRecording } from '../domain/index.js';
import { ReceivingThreads } from './receiving-threads.js';

const folder = mkdtempSync(join(tmpdir(), 'assay-threads-'));
let threads: ReceivingThreads;
afterEach(async () => {
  await threads.stop();
  rmSync(folder, { recursive: true });
});

/** The first one dies at work, three cannot start, each in another way, and the fifth one works. */
const unlucky = `
import { parentPort, workerData } from 'node:worker_threads';
const { number } = workerData;
const listen = () => parentPort.postMessage({ type: 'listening', ports: { http: 4318, grpc: null } });
if (number === 0) { listen(); setTimeout(() => process.exit(1), 20); }
else if (number === 1) throw new Error('no memory');
else if (number === 2) process.exit(0);
else if (number === 3) setInterval(() => undefined, 1000);
else { listen(); parentPort.once('message', () => process.exit(0)); }
`;

describe('A receiving thread that dies', () => {
  it('is replaced, although those that replace it cannot start at first', async () => {
    const entry = join(folder, 'unlucky.mjs');
    writeFileSync(entry, unlucky);
    const problems: string[] = [];
    const otlp = { host: '127.0.0.1', port: 0, grpcPort: null, threads: 1, maxBytesInFlight: 2 ** 20 } as OtlpSettings;
    threads = new ReceivingThreads(
      { otlp, tokensFile: null, plan: planRecording([]) },
      { onPart: () => undefined, onProblem: (problem) => problems.push(String(problem)) },
      { entry: pathToFileURL(entry), restartAfterMs: 5, withinMs: 2_000 },
    );
    await threads.start();
    expect(threads.isReceiving).toBe(true);
    while (problems.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(threads.isReceiving).toBe(false);
    while (!threads.isReceiving) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(problems).toEqual([
      'a receiving thread ended; another one starts in 5 ms',
      'a receiving thread could not start (Error: no memory); another one starts in 10 ms',
      'a receiving thread could not start (Error: it ended with 0 before it listened); another one starts in 20 ms',
      'a receiving thread could not start (Error: it did not listen within 2 s); another one starts in 40 ms',
    ]);
  }, 30_000);
});
