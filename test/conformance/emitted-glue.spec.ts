import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { parse } from 'yaml';
import { addEmitCommand } from '../../src/cli/emit/emit.command.js';
import type { Verdict } from '../../src/domain/index.js';
import { RunStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { type ArgoMetric, analyse } from '../support/argo-rules.js';
import { monitored, type WebhookStage } from '../support/orca-webhook-rules.js';

/** What `assay emit …` prints. */
async function emitted(line: string): Promise<string> {
  const program = new Command('assay');
  addEmitCommand(program);
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
  try {
    await program.parseAsync(line.trim().split(/\s+/).slice(1), { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return written.join('');
}

describe.each(['github-actions', 'gitlab', 'jenkins', 'azure-devops', 'spinnaker'])('docs/integrations/%s.md', (name) => {
  const page = readFileSync(`docs/integrations/${name}.md`, 'utf8');

  it('shows what its command writes', async () => {
    const [, command = '', shown = ''] = /```sh\n(assay emit .*)\n```\n\n```\w+\n([\s\S]*?)```\n/.exec(page) ?? [];
    expect(shown).not.toBe('');
    expect(shown).toBe(await emitted(command));
  });

  it('says what happens without Assay', () => {
    expect(page).toMatch(/\| Assay (is down|is not reachable)/);
  });
});

const promote = { decision: 'promote', final: true, code: 'all-safe' } as const;
const rollback = { decision: 'rollback', final: true, code: 'harm-evidence' } as const;
const held = { decision: 'hold', final: true, code: 'deadline' } as const;

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ tokens: true });
}, 60_000);
afterAll(() => api.stop());

const path = (url: string): string => url.replace(/^https?:\/\/assay\.example/, '');
const bearer = (): Record<string, string> => ({ authorization: `Bearer ${api.tokens.deployer}`, 'content-type': 'application/json' });

async function look(run: string, verdict: Partial<Verdict>): Promise<void> {
  await api.look(await api.get(RunStore).get(run), verdict);
}

describe('an emitted AnalysisTemplate, asked by Argo', () => {
  it.each([
    ['promote', promote, 'Successful'],
    ['rollback', rollback, 'Failed'],
    ['hold to the end', held, 'Inconclusive'],
    ['nothing but holds', {}, 'Inconclusive'],
  ] as const)('%s ends %s', async (name, verdict, phase) => {
    const service = `argo-${name.replace(/\s/g, '-')}`;
    const text = await emitted(`assay emit argo --template http-service --service ${service} --server https://assay.example`);
    const [metric] = parse(text).spec.metrics;
    const { url, jsonBody } = metric.provider.web;
    const filled = JSON.parse(
      JSON.stringify(jsonBody).replace('{{args.canary-hash}}', '6d5f7c9b8').replace('{{args.stable-hash}}', '5b8d4f7c6'),
    );
    const ask = async (index: number): Promise<unknown> => {
      const answer = await api.ask(path(url), { method: 'POST', body: { ...filled, wait: '1ms' }, headers: bearer() });
      if (index === 2) await look(answer.body.run, verdict);
      return answer.status === 200 ? answer.body : null;
    };
    expect((await analyse(metric as ArgoMetric, ask)).phase).toBe(phase);
  });
});

describe('emitted stages, run by Orca', () => {
  const stageFor = async (service: string): Promise<WebhookStage> => {
    const { stages } = JSON.parse(
      await emitted(`assay emit spinnaker --template http-service --service ${service} --server https://assay.example`),
    );
    return JSON.parse(JSON.stringify(stages[0]).replace("${parameters['canary']}", '1.5.0').replace("${parameters['baseline']}", '1.4.2'));
  };
  const get = (url: string): Promise<Answer> => api.ask(path(url), { headers: bearer() });

  it.each([
    ['promote', promote, 'SUCCEEDED'],
    ['rollback', rollback, 'TERMINAL'],
    ['hold', held, 'TERMINAL'],
  ] as const)('%s: the stage is %s', async (name, verdict, status) => {
    const stage = await stageFor(`orca-${name}`);
    const started = await api.ask(path(stage.url), { method: 'POST', body: stage.payload, headers: bearer() });
    expect(started.status).toBe(200);
    const statusUrl: string = started.body.status_url;
    for (let poll = 0; poll < 3; poll += 1) {
      const answer = await get(statusUrl);
      expect(monitored(stage, answer.status, answer.body)).toBe('RUNNING');
      await look(started.body.run, {});
    }
    await look(started.body.run, verdict);
    const answer = await get(statusUrl);
    expect(monitored(stage, answer.status, answer.body)).toBe(status);
  });

  it('keeps running while Assay is overloaded, and never succeeds for an unknown run', async () => {
    const stage = await stageFor('orca-down');
    expect(monitored(stage, 503, {})).toBe('RUNNING');
    expect(monitored(stage, 429, {})).toBe('RUNNING');
    const unknown = await get('/argo/run_01KH2M0Q3V7W8X9Y0Z1A');
    expect(monitored(stage, unknown.status, unknown.body)).toBe('TERMINAL');
  });
});

describe('an emitted release gate of Azure DevOps', () => {
  it('is passed by a promote only, asked every five minutes', async () => {
    const gate = parse(await emitted('assay emit azure --template http-service --service azure --server https://assay.example'));
    const body = JSON.parse(gate.inputs.body.replace('$(CANARY)', '1.5.0').replace('$(BASELINE)', '1.4.2'));
    const ask = (): Promise<Answer> => api.ask(gate.inputs.urlSuffix, { method: 'POST', body, headers: bearer() });
    const [, field = '', wanted = ''] = /^eq\(root\['(\w+)'\], '(\w+)'\)$/.exec(gate.inputs.successCriteria) ?? [];
    const passes = ({ status, body: said }: Answer): boolean => status === 200 && said[field] === wanted;
    const first = await ask();
    expect([first.status, passes(first)]).toEqual([200, false]);
    await look(first.body.run, promote);
    const store = api.get(RunStore);
    const { finishedAt } = await store.get(first.body.run);
    expect(finishedAt).not.toBeNull();
    const again = await ask();
    expect([again.body.run, passes(again)]).toEqual([first.body.run, true]);
    expect(Number.parseInt(body.keepFor, 10)).toBeGreaterThan(gate.evaluation.timeoutAfterWhichGatesFail);
  });
});
