import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LookScheduler } from '../../src/analysis/index.js';
import { RunStore, WindowStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { closedWindows, type VersionTraffic } from '../support/pushed-traffic.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const templates = temporaryFolder('designs');
const template = (name: string, schedule: string, rest = ''): void =>
  writeFileSync(
    join(templates, `${name}.yaml`),
    `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: ${name} }
spec:
  schedule: { warmup: 0s, minDuration: 1m, minSamples: 100, deadline: 1h, ${schedule} }
${rest}  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.001 }
`,
  );
template('ladder', 'bake: 5m', '  phases: [{ weight: 0.05, margins: { error-rate: { relative: 3, absolute: 0.005 } } }, { weight: 1 }]\n');

template('switch', 'window: 60s, bake: 5m', '  cohorts: { by: service.version, baseline: { before: 1d, references: 4 } }\n');
template('flag', 'window: 15s');

/** Telemetry is complete up to here; a spec lets time pass by moving it. */
let closedThrough = 0;
let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ settings: { templatesDirectory: templates } });
  api.get(LookScheduler).start({ closedThrough: () => closedThrough, isOpenWithin: () => false, onClosed: () => () => undefined });
}, 60_000);
afterAll(async () => {
  await api.get(LookScheduler).stop();
  await api.stop();
});

const windowMs = 15_000;
const traffic = (share: number): Readonly<Record<string, VersionTraffic>> => ({
  old: { requests: 5000 * (1 - share), errors: 25 * (1 - share) },
  new: { requests: 5000 * share, errors: 25 * share },
});

/** The verdict after so many looks. */
async function verdictAfter(run: string, looks: number): Promise<Answer['body']> {
  for (const deadline = performance.now() + 55_000; performance.now() < deadline; ) {
    const { body } = await api.ask(`/v1/runs/${run}/verdict`);
    if (body.looks >= looks || body.final) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`run ${run} did not take ${looks} looks`);
}

describe('a rollout in phases over the API', () => {
  it('is told that the weight may rise, tells its new weight, bakes, and is promoted for good', async () => {
    const from = Math.ceil((Date.now() - 600_000) / windowMs) * windowMs;
    const until = from + 400 * windowMs;
    let changes = Number.POSITIVE_INFINITY;
    const windows = () => closedWindows(from, 15, 400, (window) => traffic(from + window * windowMs < changes ? 0.05 : 0.5));
    await api.get(WindowStore).append(windows().slice(0, 38));

    const started = await api.post('/v1/runs', {
      template: 'ladder',
      baseline: 'old',
      canary: 'new',
      weight: 0.05,
      from: new Date(from).toISOString(),
    });
    expect(started.status).toBe(202);
    const run: string = started.body.id;

    closedThrough = from + 38 * windowMs;
    const early = await verdictAfter(run, 38);
    expect(early).toMatchObject({ decision: 'promote', code: 'phase-safe', final: false, phase: { index: 0, weight: 0.05 } });

    changes = Date.now();
    const moved = await api.post(`/v1/runs/${run}/phase`, { weight: 0.5 });
    expect([moved.status, moved.body.phases.map(({ index }: { index: number }) => index)]).toEqual([200, [0, 1]]);
    await api.get(WindowStore).append(windows().slice(38));
    closedThrough = until;
    const end = await verdictAfter(run, 400);
    expect(end).toMatchObject({ decision: 'promote', code: 'all-safe', final: true, phase: { index: 1, weight: 0.5 } });

    const { body } = await api.ask(`/v1/runs/${run}/looks?limit=250`);
    const codes: string[] = body.looks.map(({ code }: { code: string }) => code);
    const yes = codes.filter((code) => ['phase-safe', 'baking', 'all-safe'].includes(code));
    expect(yes.filter((code, index) => code !== yes[index - 1])).toEqual(['phase-safe', 'baking', 'all-safe']);
    expect(codes.filter((code) => code === 'baking')).toHaveLength(20);
    expect((await api.post(`/v1/runs/${run}/phase`, { weight: 1 })).status).toBe(409);
  }, 120_000);
});

describe('a switch without a baseline beside it over the API', () => {
  const day = 86_400_000;

  it('is compared with the days before, and rolled back on harm', async () => {
    const from = Math.ceil((Date.now() - 600_000) / 60_000) * 60_000;
    const at = (daysAgo: number, version: string, errors: number) =>
      closedWindows(from - daysAgo * day, 60, 30, () => ({ [version]: { requests: 6000, errors } }));
    await api.get(WindowStore).append([1, 2, 3, 4].flatMap((daysAgo) => at(daysAgo, `blue-${daysAgo}`, 30 + daysAgo)));
    await api.get(WindowStore).append(at(0, 'green', 200));
    const started = await api.post('/v1/runs', { template: 'switch', canary: 'green', from: new Date(from).toISOString() });
    expect(started.status).toBe(202);
    closedThrough = Math.max(closedThrough, from + 30 * 60_000);
    const verdict = await verdictAfter(started.body.id, 30);
    expect(verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence', final: true });
    expect(verdict.reason).toContain('compared with history: a simultaneous external change cannot be excluded');
    const { body } = await api.ask(`/v1/runs/${started.body.id}`);
    expect(body.baseline.name).toBe('before');
    const again = await api.post(`/v1/runs/${started.body.id}/rerun`, {});
    const { body: rerun } = await api.ask(`/v1/runs/${again.body.id}`);
    expect(rerun.baseline).toEqual(body.baseline);
  }, 120_000);

  it('is the only one that may leave out its baseline', async () => {
    const { status, body } = await api.post('/v1/runs', { template: 'ladder', canary: 'new' });
    expect([status, body.code]).toEqual([400, 'ASSAY_REQUEST_INVALID']);
    expect(body.detail).toContain('`baseline` is missing');
  });
});

describe('variants of a feature flag over the API', () => {
  const request = { template: 'flag', baseline: 'control', canaries: ['red', 'green', 'blue'] };
  const from = Math.ceil((Date.now() - 600_000) / windowMs) * windowMs;
  let group: string;

  it('are one group of runs, each with its part of the budget', async () => {
    const healthy = { requests: 3000, errors: 15 };
    const variants = { control: healthy, red: { requests: 3000, errors: 90 }, green: healthy, blue: { requests: 3000, errors: 75 } };
    await api.get(WindowStore).append(closedWindows(from, 15, 120, () => variants).map((window) => ({ ...window, service: 'flagged' })));
    const headers = { 'idempotency-key': 'experiment-7' };
    const asked = { ...request, from: new Date(from).toISOString() };
    closedThrough = 0;
    const started = await api.post('/v1/runs', asked, { headers });
    expect([started.status, started.body.created]).toEqual([202, true]);
    group = started.body.group;
    const ids = started.body.runs.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(3);
    const listed = await api.ask(`/v1/runs?label=assay.group:${group}`);
    expect(listed.body.runs.map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort());
    const budgets = await Promise.all(ids.map(async (id: string) => (await api.get(RunStore).get(id)).template.budget.falseRollback));
    expect(budgets).toEqual([0.01 / 3, 0.01 / 3, 0.01 / 3]);

    const again = await api.post('/v1/runs', asked, { headers });
    expect(again.body).toEqual({ ...started.body, created: false, runs: again.body.runs });
    expect((await api.post('/v1/runs', asked)).body.group).toBe(group);
    expect((await api.post('/v1/runs', { ...asked, canaries: ['red', 'green'] }, { headers })).status).toBe(409);
    expect((await api.post('/v1/runs', { ...asked, canaries: ['red', 'violet'] })).status).toBe(409);
    const unstarted = await api.ask('/v1/runs?template=flag');
    expect(unstarted.body.runs).toHaveLength(3);
  });

  it('have a verdict each, and the group says which of them regressed', async () => {
    closedThrough = from + 120 * windowMs;
    const { body: before } = await api.ask(`/v1/groups/${group}`);
    expect(before.runs.map(({ canary }: { canary: { name: string } }) => canary.name)).toEqual(['blue', 'green', 'red']);
    await Promise.all(before.runs.map(({ id }: { id: string }) => verdictAfter(id, 120)));
    const { status, body } = await api.ask(`/v1/groups/${group}`);
    expect(status).toBe(200);
    expect(body.runs.map(({ verdict }: { verdict: { decision: string } }) => verdict.decision)).toEqual([
      'rollback',
      'promote',
      'rollback',
    ]);
    expect(body.regressed).toEqual([body.runs[0].id, body.runs[2].id]);
    expect(body.falseDiscoveryRate).toBe(0.01);
  }, 120_000);

  it.each([
    ['a canary beside them', { ...request, canary: 'red' }],
    ['one alone', { ...request, canaries: ['red'] }],
    ['one twice', { ...request, canaries: ['red', 'red'] }],
    ['one that is the baseline', { ...request, canaries: ['red', 'control'] }],
    ['a weight', { ...request, weight: 0.3 }],
    ['no canary at all', { template: 'flag', baseline: 'control' }],
    ['what is no list', { ...request, canaries: 'red' }],
    ['nothing in the list', { ...request, canaries: [null, 7] }],
    ['a label of ours', { template: 'flag', baseline: 'control', canary: 'red', labels: { 'assay.group': 'grp_1' } }],
  ])('refuse %s', async (_, body) => {
    expect((await api.post('/v1/runs', body)).status).toBe(400);
  });

  it('are not found under an id that is none', async () => {
    expect((await api.ask('/v1/groups/grp_00000000000000000000')).status).toBe(404);
  });
});
