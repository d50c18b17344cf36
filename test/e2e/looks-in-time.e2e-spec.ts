import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LookScheduler } from '../../src/analysis/index.js';
import type { ClosedWindow, Look, TimeSlice } from '../../src/domain/index.js';
import { LookStore, WindowStore } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const templates = temporaryFolder('looks-in-time');
writeFileSync(
  join(templates, 'errors.yaml'),
  `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata:
  name: errors
spec:
  arguments:
    service: { type: string, pattern: '[a-z0-9-]{1,40}', description: a service }
  cohorts: { by: service.version }
  schedule: { window: 10s, lateness: 1s, warmup: 0s, minDuration: 1h, minSamples: 10, deadline: 2h }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: '\${service}' }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.01 }
`,
);

const windowMs = 10_000;

/** Says how far telemetry is complete, as a spec puts it, and wakes who listens. */
class Watermark {
  private through = 0;
  private readonly listeners = new Set<() => void>();

  closedThrough = (): number => this.through;
  isOpenWithin = (_: TimeSlice): boolean => false;
  onClosed = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  moveTo(ms: number, wakeUps = 1): void {
    this.through = ms;
    for (let wakeUp = 0; wakeUp < wakeUps; wakeUp += 1) for (const listener of this.listeners) listener();
  }
}

const watermark = new Watermark();
let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ settings: { templatesDirectory: templates } });
  api.get(LookScheduler).start(watermark);
}, 60_000);
afterAll(async () => {
  await api.get(LookScheduler).stop();
  await api.stop();
});

const looksOf = (id: string): Promise<Look[]> => api.get(LookStore).looks(id);

async function untilLooks(id: string, count: number): Promise<Look[]> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const looks = await looksOf(id);
    if (looks.length >= count) return looks;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`there were fewer than ${count} looks`);
}

const startRun = async (service: string, from: number): Promise<string> => {
  const asked = { template: 'errors', arguments: { service }, baseline: 'old', canary: 'new', from: new Date(from).toISOString() };
  return (await api.post('/v1/runs', asked)).body.id;
};

/** Traffic of one window: of the canary's spans these fail. */
function windowOf(service: string, from: number, failing: number): ClosedWindow {
  const cell = (version: string, status: string, count: number): ClosedWindow['cells'][number] => ({
    signal: 'span',
    instrument: null,
    attributes: { kind: 'server', 'service.name': service, 'service.version': version, status },
    count,
    sum: count / 10,
    sumOfSquares: count / 100,
    last: 0,
    histogram: { kind: 'exponential', scale: 5, zeroCount: 0, offset: -107, counts: [count] },
  });
  const cells = [cell('old', 'unset', 400), cell('new', 'error', failing), cell('new', 'unset', 400 - failing)];
  return { service, from, to: from + windowMs, cells, flags: { late: 0, overflow: 0 } };
}

/** Boundaries that no earlier spec has passed. */
let next = Math.ceil(Date.now() / windowMs) * windowMs - 3_600_000;
const someTime = (windows: number): number => {
  const from = next;
  next += windows * windowMs;
  return from;
};

it('no look is taken before the window is complete, and it is taken when it is', async () => {
  const from = someTime(2);
  const id = await startRun('complete', from);
  watermark.moveTo(from + windowMs - 1);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(await looksOf(id)).toEqual([]);
  watermark.moveTo(from + windowMs);
  expect(await untilLooks(id, 1)).toHaveLength(1);
}, 60_000);

it('a run is known as soon as it is started, and forgotten as soon as it is cancelled', async () => {
  const scheduler = api.get(LookScheduler);
  const before = scheduler.openRuns();
  const id = await startRun('known', someTime(5));
  expect(scheduler.openRuns()).toBe(before + 1);
  await api.post(`/v1/runs/${id}/cancel`, { reason: 'enough' });
  expect(scheduler.openRuns()).toBe(before);
}, 60_000);

it('nothing is judged twice and nothing out of order, however many wake-ups coincide', async () => {
  const windows = 40;
  const from = someTime(windows);
  const services = ['wake-a', 'wake-b', 'wake-c'];
  const ids = await Promise.all(services.map((service) => startRun(service, from)));
  for (let window = 1; window <= windows; window += 1) {
    watermark.moveTo(from + window * windowMs, 7);
    if (window % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const id of ids) {
    const looks = await untilLooks(id, windows);
    expect(looks.map(({ sequence }) => sequence)).toEqual(Array.from({ length: windows }, (_, index) => index + 1));
    const measured = await api.get(LookStore).measured(id);
    expect(measured.map((window) => window.from)).toEqual(Array.from({ length: windows }, (_, index) => from + index * windowMs));
  }
}, 120_000);

it('a decisive window ends the run at its look, and whoever waits is told', async () => {
  const windows = 60;
  const from = someTime(windows);
  const id = await startRun('decisive', from);
  const stored = Array.from({ length: windows }, (_, index) => windowOf('decisive', from + index * windowMs, index < 3 ? 4 : 300));
  await api.get(WindowStore).append(stored);
  watermark.moveTo(from + 3 * windowMs);
  await untilLooks(id, 3);
  let answer = await api.ask(`/v1/runs/${id}/verdict`);
  expect(answer.body.final).toBe(false);
  setTimeout(() => watermark.moveTo(from + windows * windowMs), 100);
  for (let asked = 0; asked < windows && answer.body.final === false; asked += 1) {
    const tag = answer.headers.get('etag') ?? '';
    answer = await api.ask(`/v1/runs/${id}/verdict?wait=10s`, { headers: { 'if-none-match': tag } });
  }
  expect(answer.body).toMatchObject({ decision: 'rollback', final: true });
  expect(answer.body.looks).toBeLessThan(windows);
  expect(await looksOf(id)).toHaveLength(answer.body.looks);
}, 120_000);

it('a watermark that falls back takes no look again', async () => {
  const from = someTime(3);
  const id = await startRun('back', from);
  watermark.moveTo(from + 2 * windowMs);
  await untilLooks(id, 2);
  watermark.moveTo(from, 3);
  watermark.moveTo(from + 3 * windowMs);
  expect((await untilLooks(id, 3)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
}, 60_000);
