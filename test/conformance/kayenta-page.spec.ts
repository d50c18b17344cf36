import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { RunStore } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';
import { ArgoKayentaClient } from '../support/argo-kayenta-client.js';

const page = readFileSync('docs/integrations/kayenta.md', 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text ?? '');
const documents = blocks('yaml').flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()));

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ tokens: true });
}, 60_000);
afterAll(() => api.stop());

describe('docs/integrations/kayenta.md', () => {
  it("has a config that is stored, and a template whose measurements Argo's provider can make", async () => {
    const [config, analysis] = blocks('json').map((text) => JSON.parse(text));
    expect((await api.post('/kayenta/canaryConfig', config, { token: api.tokens.author ?? '' })).body.message).toBeUndefined();
    const token = api.tokens.author ?? '';
    const asked = { canaryConfig: config, executionRequest: analysis };
    expect((await api.post('/kayenta/standalone_canary_analysis', asked, { token })).body.message).toBeUndefined();
    const template = documents.find(({ kind }) => kind === 'AnalysisTemplate');
    const args = { 'start-time': '2026-02-01T10:00:00Z', 'end-time': '2026-02-01T11:00:00Z', 'stable-hash': '5d4b', 'canary-hash': '9c7f' };
    const filled = JSON.stringify(template.spec.metrics[0].provider.kayenta).replace(/\{\{args\.([\w-]+)\}\}/g, (_, name: string) => {
      const value = Object.entries(args).find(([known]) => known === name)?.[1];
      if (value === undefined || !template.spec.args.some((arg: { name: string }) => arg.name === name))
        throw new Error(`no argument ${name}`);
      return value;
    });
    const { scopes, ...kayenta } = JSON.parse(filled.replaceAll('https://', 'http://'));
    const address = kayenta.address.replace('TOKEN', api.tokens.deployer).replace('assay.example', new URL(api.url).host);
    const named = Object.fromEntries(scopes.map(({ name, ...sides }: { name: string }) => [name, sides]));
    const client = new ArgoKayentaClient({ ...kayenta, address, scopes: named });
    const measurement = await client.run();
    expect(measurement).toMatchObject({ phase: 'Running', message: '' });
    expect((await client.resume(measurement)).phase).toBe('Running');
    const [metric] = (await api.get(RunStore).get(measurement.execution)).template.metrics;
    expect(metric?.kind === 'gauge' && metric.of.type === 'query' && metric.of.query).toContain('rollouts_pod_template_hash="9c7f"');
    expect(template.spec.metrics[0]).toMatchObject({ failureLimit: 0, inconclusiveLimit: 0 });
  });

  it('points Spinnaker and a Kayenta to a path that carries the token', async () => {
    const urls = documents.flatMap(({ kayenta }) => (kayenta ? [kayenta.baseUrl ?? kayenta.remoteJudge.endpoint.baseUrl] : []));
    expect(urls).toHaveLength(2);
    for (const url of urls) {
      const path = new URL(url).pathname.replace('TOKEN', api.tokens.viewer ?? '');
      expect([(await api.ask(`${path}/canaryConfig`)).status, (await api.ask(`${path}/judges`)).status]).toEqual([200, 200]);
      expect((await api.post(`${path}/judge`, {})).status).toBe(400);
    }
  });

  it('lists every route there is, by its path', () => {
    for (const path of [
      '/canaryConfig',
      '/canaryConfig/{id}/changes',
      '/canary/{configId}',
      '/canary/{executionId}',
      '/canary/executions',
    ]) {
      expect(page).toContain(path);
    }
  });
});
