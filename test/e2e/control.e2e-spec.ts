import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LookScheduler } from '../../src/analysis/index.js';
import { WindowStore } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { twoRegions } from '../support/two-regions.js';

const templates = temporaryFolder('control');
writeFileSync(
  join(templates, 'switch.yaml'),
  `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: switch }
spec:
  cohorts: { by: service.version, baseline: { before: 1d, references: 4, control: { region: us } } }
  schedule: { window: 60s, warmup: 0s, minDuration: 5m, minSamples: 100, deadline: 1h }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: shop }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.0005 }
`,
);

const minute = 60_000;
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

it('a switch in one region is rolled back on a day that is better everywhere else', async () => {
  const start = Math.ceil((Date.now() - 30 * minute) / minute) * minute;
  await api.get(WindowStore).append(twoRegions({ start, before: 240, minutes: 30, today: 0.7, harm: 3 }));
  const started = await api.post('/v1/runs', {
    template: 'switch',
    baseline: { region: 'eu' },
    canary: { region: 'eu', 'service.version': 'new' },
    from: new Date(start).toISOString(),
  });
  expect(started.status).toBe(202);
  closedThrough = start + 30 * minute;
  for (const deadline = performance.now() + 55_000; performance.now() < deadline; ) {
    const { body } = await api.ask(`/v1/runs/${started.body.id}/verdict?wait=5s`);
    if (!body.final) continue;
    expect(body).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
    expect(body.reason).toContain('compared with history less the change of a control: the claim holds only under parallel trends');
    return;
  }
  throw new Error('there was no verdict');
}, 120_000);
