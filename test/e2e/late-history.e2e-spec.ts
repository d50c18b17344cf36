import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LookScheduler, newRunJudge } from '../../src/analysis/index.js';
import type { Cell, MeasuredWindow, Verdict } from '../../src/domain/index.js';
import { HistoryStore, LookStore, RunStore, WindowStore } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';
import { settingsFor } from '../support/prometheus.js';
import { closedWindows } from '../support/pushed-traffic.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const templates = temporaryFolder('late-history');
writeFileSync(
  join(templates, 'pulled.yaml'),
  `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: pulled }
spec:
  cohorts: { by: version }
  schedule: { window: 1s, lateness: 0s, warmup: 0s, minDuration: 10m, minSamples: 100, deadline: 1h }
  metrics:
    - name: error-rate
      role: critical
      source: prometheus
      proportion: { of: requests_total, events: errors_total }
      margin: { relative: 0.25, absolute: 0.001 }
`,
);

writeFileSync(
  join(templates, 'pushed.yaml'),
  `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: pushed }
spec:
  arguments: { service: { type: string } }
  schedule: { window: 15s, warmup: 0s, minDuration: 10m, minSamples: 100, deadline: 1h }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: '\${service}' }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.001 }
`,
);

/** The engine answers for the newest windows, but refuses the past as long as this says so. */
let refusesPast = true;
let refused = 0;
const past = 200;

/** 200 requests a second on each version, 1 in 100 fails; counters that only go up, known at every whole second. */
function answer(form: URLSearchParams): unknown {
  const value = (at: number): string => String(form.get('query')?.startsWith('errors') ? 2 * at : 200 * at);
  const [start, end] = ['start', 'end'].map((edge) => Number(form.get(edge)));
  const all = ['v1', 'v2'].map((version) => {
    const metric = { version };
    if (!form.has('start')) return { metric, value: [Number(form.get('time')), value(Number(form.get('time')))] };
    const step = Number(form.get('step')?.replace('s', ''));
    const count = Math.round(((end ?? 0) - (start ?? 0)) / step) + 1;
    return { metric, values: Array.from({ length: count }, (_, index) => (start ?? 0) + index * step).map((at) => [at, value(at)]) };
  });
  return { status: 'success', data: { resultType: form.has('start') ? 'matrix' : 'vector', result: all } };
}

let engine: Server;
let api: TestApi;
const said: string[] = [];
let closedThrough = 0;
beforeAll(async () => {
  engine = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const isPast = Number(form.get('end') ?? 0) - Number(form.get('start') ?? 0) >= past;
      const refuses = isPast && refusesPast;
      if (refuses) refused += 1;
      response.writeHead(refuses ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(refuses ? {} : answer(form)));
    });
  });
  await new Promise<void>((listening) => engine.listen(0, '127.0.0.1', listening));
  const { prometheus } = settingsFor(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`);
  api = await TestApi.start({ settings: { templatesDirectory: templates, prometheus }, log: { write: (line: string) => said.push(line) } });
  api.get(LookScheduler).start({ closedThrough: () => closedThrough, isOpenWithin: () => false, onClosed: () => () => undefined });
}, 60_000);
afterAll(async () => {
  await api.get(LookScheduler).stop();
  await api.stop();
  engine.closeAllConnections();
  await new Promise((closed) => engine.close(closed));
});

it('a run goes on without its history, uses it once it can be read, and every look can be replayed', async () => {
  const { body } = await api.post('/v1/runs', { template: 'pulled', baseline: 'v1', canary: 'v2' });
  const [runs, looks] = [api.get(RunStore), api.get(LookStore)];
  const windowsNow = () => looks.measured(body.id);
  const until = async (isSo: (windows: readonly MeasuredWindow[]) => boolean): Promise<void> => {
    for (const deadline = performance.now() + 55_000; !isSo(await windowsNow()); ) {
      if (performance.now() > deadline) throw new Error('the looks were not taken');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await until((taken) => taken.length >= 3);
  refusesPast = false;
  await until((taken) => taken.slice(-2).every(({ withoutHistory }) => !withoutHistory));
  const run = await runs.get(body.id);
  const windows = (await windowsNow()).slice(0, run.looks);
  const withHistory = windows.findIndex(({ withoutHistory }) => !withoutHistory);
  expect(refused).toBeGreaterThan(0);
  expect(withHistory).toBeGreaterThan(0);
  expect(windows.slice(withHistory).some(({ withoutHistory }) => withoutHistory)).toBe(false);

  const history = (await api.get(HistoryStore).find(run.id)) ?? [];
  expect(history.length).toBe(240);
  const judge = newRunJudge(run, history);
  let previous: Verdict | null = null;
  for (const { verdict, sequence } of (await looks.looks(run.id)).slice(0, windows.length)) {
    const window = windows[sequence - 1];
    if (!window) throw new Error(`look ${sequence} has no window`);
    judge.add(window);
    expect(JSON.stringify(judge.verdict({ intervals: 'recent', previous }))).toBe(JSON.stringify(verdict));
    previous = verdict;
  }
  const [first] = windows;
  if (!first) throw new Error('there is a first look');
  const { withoutHistory: _, ...known } = first;
  const phiOf = (window: MeasuredWindow): number => {
    const fresh = newRunJudge(run, history);
    fresh.add(window);
    return fresh.verdict({ intervals: 'none' }).evidence[0]?.phi ?? 0;
  };
  expect(phiOf(first)).toBe(4);
  expect(phiOf(known)).toBeLessThan(2);
}, 120_000);

describe('pushed telemetry', () => {
  const windowMs = 15_000;
  const start = Math.ceil((Date.now() - 600_000) / windowMs) * windowMs;
  const healthy = { requests: 1000, errors: 10 };

  async function runOn(service: string): Promise<string> {
    const request = { template: 'pushed', arguments: { service }, baseline: 'old', canary: 'new', from: new Date(start).toISOString() };
    const { body } = await api.post('/v1/runs', request);
    closedThrough = start + 10 * windowMs;
    for (const deadline = performance.now() + 50_000; performance.now() < deadline; ) {
      const { looks } = (await api.ask(`/v1/runs/${body.id}/verdict`)).body;
      if (looks >= 10 && (await api.get(HistoryStore).has(body.id))) return body.id;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('the looks were not taken');
  }

  it('begins cold where nothing was recorded before, and says so once', async () => {
    const run = closedWindows(start, 15, 10, () => ({ old: healthy, new: healthy }));
    await api.get(WindowStore).append(run.map((window) => ({ ...window, service: 'fresh', cells: ofService(window.cells, 'fresh') })));
    const id = await runOn('fresh');
    expect(await api.get(HistoryStore).find(id)).toEqual([]);
    expect(said.filter((line) => line.includes(`${id} begins cold`))).toHaveLength(1);
  }, 60_000);

  it('does not learn from an outage', async () => {
    const before = closedWindows(start - 240 * windowMs, 15, 250, (index) => ({
      old: index >= 100 && index < 110 ? { requests: 1000, errors: 900 } : { requests: 1000, errors: 8 + (index % 5) },
      new: { requests: index < 240 ? 0 : 1000, errors: 0 },
    }));
    await api.get(WindowStore).append(before);
    const id = await runOn('shop');
    expect(await api.get(HistoryStore).find(id)).toHaveLength(240 - 12);
    expect(said.filter((line) => line.includes(`${id} does not learn from 12 windows`))).toHaveLength(1);
  }, 60_000);
});

const ofService = (cells: readonly Cell[], service: string): Cell[] =>
  cells.map((cell) => ({ ...cell, attributes: { ...cell.attributes, 'service.name': service } }));
