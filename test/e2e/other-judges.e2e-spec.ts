import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LookScheduler } from '../../src/analysis/index.js';
import { looksOf, runOver } from '../../src/cli/replay.js';
import { WindowStore } from '../../src/storage/index.js';
import { parseTemplate } from '../../src/templates/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { closedWindows } from '../support/pushed-traffic.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const templates = temporaryFolder('judges');
const textOf = (name: string, judge: string, more: string): string => `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: ${name} }
spec:
  judge: ${judge}
  schedule: { window: 15s, warmup: 0s, minDuration: 2m, minSamples: 100, deadline: 15m }
  metrics:
    - { name: error-rate, role: critical, source: traces, proportion: { of: { kind: server }, events: { status: error } }${more} }
`;
const texts = {
  kayenta: textOf('kayenta', 'kayenta', ''),
  horizon: textOf('horizon', 'fixed-horizon', ', margin: { relative: 0.25, absolute: 0.001 }'),
} as const;
for (const [name, text] of Object.entries(texts)) writeFileSync(join(templates, `${name}.yaml`), text);

const windowMs = 15_000;
const from = Math.ceil((Date.now() - 3_600_000) / windowMs) * windowMs;
let closedThrough = 0;
let api: TestApi;

/** One minute in five is worse, as anywhere: the windows are not all alike. */
const errors = (window: number, each: number): number => each + (window % 5 === 0 ? Math.ceil(each / 3) : 0);
const windows = closedWindows(from, 15, 60, (window) => ({
  old: { requests: 1000, errors: errors(window, 5) },
  bad: { requests: 1000, errors: errors(window + 2, 15) },
  good: { requests: 1000, errors: errors(window + 2, 5) },
}));

beforeAll(async () => {
  api = await TestApi.start({ settings: { templatesDirectory: templates } });
  api.get(LookScheduler).start({ closedThrough: () => closedThrough, isOpenWithin: () => false, onClosed: () => () => undefined });
  await api.get(WindowStore).append(windows);
}, 60_000);
afterAll(async () => {
  await api.get(LookScheduler).stop();
  await api.stop();
});

async function start(template: string, canary: string): Promise<string> {
  const started = await api.post('/v1/runs', { template, baseline: 'old', canary, from: new Date(from).toISOString() });
  expect(started.status).toBe(202);
  return started.body.id;
}

async function verdictAfter(run: string, looks: number): Promise<Answer['body']> {
  for (const deadline = performance.now() + 55_000; performance.now() < deadline; ) {
    const { body } = await api.ask(`/v1/runs/${run}/verdict`);
    if (body.looks >= looks || body.final) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`run ${run} did not take ${looks} looks`);
}

describe('a judge that decides once, over the API', () => {
  it.each([
    [
      'kayenta',
      'bad',
      { decision: 'rollback', code: 'kayenta-fail', score: 0 },
      { test: 'kayenta', classification: 'High', critical: true },
    ],
    [
      'kayenta',
      'good',
      { decision: 'promote', code: 'kayenta-pass', score: 100 },
      { test: 'kayenta', classification: 'Pass', critical: false },
    ],
    ['horizon', 'bad', { decision: 'rollback', code: 'harm-evidence' }, { test: 'two-proportion', classification: null, seed: null }],
    ['horizon', 'good', { decision: 'promote', code: 'all-safe' }, { test: 'two-proportion', classification: null, seed: null }],
  ] as const)('%s on a %s release: nothing to peek at, then a verdict that a replay repeats', async (name, canary, expected, found) => {
    closedThrough = 0;
    const run = await start(name, canary);
    closedThrough = from + 59 * windowMs;
    const early = await verdictAfter(run, 59);
    expect(early).toMatchObject({ decision: 'hold', code: 'before-horizon', final: false, score: 50, etaSeconds: 15 });
    expect(early.metrics[0]).toMatchObject({ canary: { count: 59_000, value: null }, harm: { low: null, high: null }, estimate: null });

    closedThrough = from + 60 * windowMs;
    const last = await verdictAfter(run, 60);
    expect(last).toMatchObject({ final: true, looks: 60, ...expected });
    expect(last.reason).toContain('not valid under peeking');
    expect(last.metrics[0].judgedOnce).toMatchObject({ label: 'not valid under peeking', ...found });
    expect(last.metrics[0].evidence).toEqual({ harm: 1, safe: 1, logHarm: 0, logSafe: 0 });

    const { template } = parseTemplate(texts[name]);
    if (!template) throw new Error('the template has a mistake');
    const replayed = [...looksOf(runOver(template, { baseline: 'old', canary }, windows, new Date()), windows)].at(-1)?.verdict;
    expect(replayed).toMatchObject({ decision: last.decision, code: last.code, reason: last.reason, score: last.score });
  });
});
