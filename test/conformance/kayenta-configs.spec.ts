import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi } from '../support/api.js';
import { kayentaConfig, kayentaMetric, unique } from '../support/kayenta-config.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
}, 60_000);
afterAll(() => api.stop());

async function created(config: object): Promise<string> {
  const { status, body } = await api.post('/kayenta/canaryConfig', config);
  expect([status, body.message]).toEqual([200, undefined]);
  return body.canaryConfigId;
}

describe('the routes of Kayenta', () => {
  it('are not in the OpenAPI document: their contract is not ours', async () => {
    expect(Object.keys((await api.ask('/openapi.json')).body.paths).filter((path) => path.includes('kayenta'))).toEqual([]);
  });
});

describe('canary configs', () => {
  it('are kept as they came, with what Kayenta writes into them', async () => {
    const config = kayentaConfig({ name: unique('kept'), of: { deck: ['too'] } });
    const id = await created(config);
    const { status, body } = await api.ask(`/kayenta/canaryConfig/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...config, id });
    expect(Number.isInteger(body.updatedTimestamp)).toBe(true);
    expect(body.updatedTimestampIso).toBe(new Date(body.updatedTimestamp).toISOString());
  });

  it('are listed for their applications, whatever the account is called', async () => {
    const [name, application] = [unique('listed'), unique('app')];
    const id = await created(kayentaConfig({ name, applications: [application, 'b'] }));
    const { body } = await api.ask(`/kayenta/canaryConfig?application=${application}&configurationAccountName=any`);
    expect(body).toEqual([
      { id, name, updatedTimestamp: expect.any(Number), updatedTimestampIso: expect.any(String), applications: [application, 'b'] },
    ]);
    expect((await api.ask(`/kayenta/canaryConfig?application=${unique('other')}`)).body).toEqual([]);
    expect((await api.ask('/kayenta/canaryConfig')).body.map((config: { id: string }) => config.id)).toContain(id);
  });

  it('are replaced and deleted by their id', async () => {
    const id = await created(kayentaConfig({ name: unique('replaced') }));
    const name = unique('renamed');
    expect((await api.ask(`/kayenta/canaryConfig/${id}`, { method: 'PUT', body: kayentaConfig({ name }) })).body).toEqual({
      canaryConfigId: id,
    });
    expect((await api.ask(`/kayenta/canaryConfig/${id}`)).body.name).toBe(name);
    const deleted = await api.ask(`/kayenta/canaryConfig/${id}`, { method: 'DELETE' });
    expect([deleted.status, deleted.body]).toEqual([204, '']);
    for (const method of ['GET', 'DELETE']) {
      const gone = await api.ask(`/kayenta/canaryConfig/${id}`, { method });
      expect([gone.status, gone.body.message]).toEqual([404, `Canary config '${id}' does not exist.`]);
    }
    const replaced = await api.ask(`/kayenta/canaryConfig/${id}`, { method: 'PUT', body: kayentaConfig() });
    expect([replaced.status, replaced.body.message]).toEqual([400, `Canary config '${id}' does not exist.`]);
  });

  it('say what they mean otherwise than in Kayenta', async () => {
    const id = await created(kayentaConfig({ name: unique('changed') }));
    const { body } = await api.ask(`/kayenta/canaryConfig/${id}/changes`);
    expect(body.changes.join()).toContain('no data on errors holds');
  });

  it.each([
    ['no name', { name: '' }, 'Canary config must specify a name.'],
    ['a name with blanks', { name: 'a b' }, 'Names must contain only letters'],
    ['no application', { applications: [] }, 'at least one application'],
    ['two metrics of one name', { metrics: [1, 2].map(() => kayentaMetric('m', 'PromQL:up{v="${scope}"}')) }, "two metrics are named 'm'"],
    ['no metric', { metrics: [] }, 'at least one metric'],
    ['one query for both cohorts', { metrics: [kayentaMetric('m', 'PromQL:up{v="1"}')] }, "metric 'm': it asks the same for both cohorts"],
    ['another source', { metrics: [{ name: 'm', query: { type: 'datadog', metricName: 'x' } }] }, 'its query is for datadog'],
    ['groups beyond 100 per cent', { classifier: { groupWeights: { errors: 80, latency: 30 } } }, 'at most 100 together'],
    ['a metric that is a text', { metrics: ['m'] }, 'metrics[0] must be an object'],
    ['an unknown judge', { judge: { name: 'dredd-v1.0' } }, "there is no judge 'dredd-v1.0'"],
  ])('are refused with %s, in the words of Kayenta', async (_, change, message) => {
    const { status, body } = await api.post('/kayenta/canaryConfig', kayentaConfig({ name: unique('refused'), ...change }));
    expect(status).toBe(400);
    expect(body.message).toContain(message);
  });

  it('have one id and one name for an application', async () => {
    const name = unique('twin');
    const id = await created(kayentaConfig({ name, id: unique('my-id') }));
    const sameId = await api.post('/kayenta/canaryConfig', kayentaConfig({ name: unique('twin'), id }));
    expect([sameId.status, sameId.body.message]).toEqual([400, `Canary config '${id}' already exists.`]);
    const sameName = await api.post('/kayenta/canaryConfig', kayentaConfig({ name }));
    expect(sameName.body.message).toContain('already exists in the scope of applications checkout');
    await created(kayentaConfig({ name, applications: ['cart'] }));
  });
});
