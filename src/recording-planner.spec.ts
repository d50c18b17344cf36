import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sampleRun, sampleTemplate } from '../test/support/sample-run.js';
import { openMemoryStore } from '../test/support/stores.js';
import type { RecordingPlan } from './domain/index.js';
import { RecordingPlanner } from './recording-planner.js';
import { Database, RunStore } from './storage/index.js';
import { TemplateCatalog } from './templates/index.js';

const shipped = readFileSync('analysis-templates/http-service.yaml', 'utf8');
let directory: string;
let catalog: TemplateCatalog;
let database: Database;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assay-plan-'));
  catalog = new TemplateCatalog({ templatesDirectory: directory });
  database = await openMemoryStore();
}, 120_000);
afterEach(async () => {
  await catalog.stop();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const write = (name: string, by: string): void =>
  writeFileSync(
    join(directory, `${name}.yaml`),
    shipped.replace('name: http-service', `name: ${name}`).replace('by: service.version', `by: ${by}`),
  );

describe('what ingest records', () => {
  it('serves the catalogue as it changes, and goes on for a template that has left', async () => {
    write('first', 'service.version');
    await catalog.start();
    const plans: RecordingPlan[] = [];
    const end = await new RecordingPlanner(catalog, new RunStore(database)).keepUpToDate((plan) => plans.push(plan));
    expect(plans.at(-1)?.attributes).toContain('service.version');

    rmSync(join(directory, 'first.yaml'));
    write('second', 'deployment.track');
    while (!plans.at(-1)?.attributes.includes('deployment.track')) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(plans.at(-1)?.attributes).toContain('service.version');
    end();
  }, 120_000);

  it('serves open runs whose template is in the catalogue no more', async () => {
    await catalog.start();
    const [metric] = catalogMetric();
    const template = sampleTemplate({ cohorts: { by: 'ring', pod: null }, metrics: [metric] });
    await new RunStore(database).create(sampleRun({ template }), { idempotencyKey: null, requestHash: 'a', openKey: 'a' });
    const plans: RecordingPlan[] = [];
    const end = await new RecordingPlanner(catalog, new RunStore(database)).keepUpToDate((plan) => plans.push(plan));
    expect(plans[0]?.attributes).toContain('ring');
    end();
  });

  it('serves a run that tells its sides apart by what no template names, soon after it was started', async () => {
    write('first', 'service.version');
    await catalog.start();
    const runs = new RunStore(database);
    const plans: RecordingPlan[] = [];
    const end = await new RecordingPlanner(catalog, runs).keepUpToDate((plan) => plans.push(plan));
    const side = (value: string) => [{ attribute: 'deployment.ring', operator: '=', value }] as const;
    const run = sampleRun({ cohorts: { baseline: side('main'), canary: side('early') } });
    await runs.create(run, { idempotencyKey: null, requestHash: 'b', openKey: 'b' });
    while (plans.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(plans.at(-1)?.attributes).toEqual(expect.arrayContaining(['deployment.ring', 'service.version']));
    end();
  });
});

function catalogMetric() {
  const pushed = { type: 'pushed', instrument: null, matchers: [] } as const;
  const hold = { absent: 'hold', stale: 'hold', nan: 'hold', zero: 'hold' } as const;
  const common = {
    title: null,
    role: 'critical',
    weight: 1,
    source: 'traces',
    harm: 'increase',
    limit: null,
    onNoData: hold,
    unit: 'ratio',
  } as const;
  return [
    { ...common, kind: 'proportion', name: 'error-rate', margin: { relative: 0, absolute: 0.01 }, events: pushed, of: pushed },
  ] as const;
}
