import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '../../src/domain/index.js';
import { RunStore } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';

const request = {
  template: 'http-service',
  arguments: { service: 'checkout' },
  baseline: '1.4.2',
  canary: '1.5.0',
  weight: 0.05,
  labels: { pipeline: '4711' },
};
let api: TestApi;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
}, 60_000);
afterAll(() => api.stop());

/** A run that no other spec uses. */
async function newRun(more: object = {}): Promise<Run> {
  const { body } = await api.post('/v1/runs', { ...request, canary: `2.0.${serial++}`, ...more });
  return api.get(RunStore).get(body.id);
}

describe('starting a run', () => {
  it('answers 202 with where to go, and the same run for the same key', async () => {
    const headers = { 'idempotency-key': 'deploy-4711' };
    const first = await api.post('/v1/runs', request, { headers });
    const second = await api.post('/v1/runs', request, { headers });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(first.body).toEqual({
      id: expect.stringMatching(/^run_[0-9A-Z]{20}$/),
      state: 'running',
      created: true,
      links: {
        self: `http://assay.example/v1/runs/${first.body.id}`,
        verdict: `http://assay.example/v1/runs/${first.body.id}/verdict`,
        events: `http://assay.example/v1/runs/${first.body.id}/events`,
        looks: `http://assay.example/v1/runs/${first.body.id}/looks`,
      },
    });
    expect(second.body).toEqual({ ...first.body, created: false });
  });

  it('gives one run to many who start the same rollout at once', async () => {
    const canary = `2.0.${serial++}`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post('/v1/runs', { ...request, canary })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ body }) => body.created)).toHaveLength(1);
  });

  it('refuses a key that was used for something else', async () => {
    const headers = { 'idempotency-key': `key-${serial++}` };
    await api.post('/v1/runs', { ...request, canary: `2.0.${serial++}` }, { headers });
    const { status, body } = await api.post('/v1/runs', { ...request, canary: `2.0.${serial++}` }, { headers });
    expect([status, body.code]).toEqual([409, 'ASSAY_CONFLICT']);
  });

  it('names everything that is wrong at once, each field once', async () => {
    const { status, body } = await api.post('/v1/runs', {
      template: 7,
      arguments: { a: {} },
      baseline: 7,
      canary: [],
      weight: 5,
      lables: {},
      from: 'yesterday',
    });
    expect([status, body.code]).toEqual([400, 'ASSAY_REQUEST_INVALID']);
    const paths = body.issues.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual(['arguments', 'baseline', 'canary', 'from', 'lables', 'template', 'weight']);
    expect(body.issues.find(({ path }: { path: string }) => path === 'lables')).toMatchObject({
      code: 'unknown-field',
      message: 'lables is not known here: did you mean labels?',
    });
    expect(body.issues.find(({ path }: { path: string }) => path === 'template')).toMatchObject({ code: 'is-string' });
  });

  it('passes on what the template says of the arguments', async () => {
    const { status, body } = await api.post('/v1/runs', { ...request, arguments: { servic: 'checkout' } });
    expect(status).toBe(400);
    expect(body.issues.map(({ path }: { path: string }) => path)).toEqual(['arguments.servic', 'arguments.service']);
  });

  it('says which templates there are when the one asked for is not', async () => {
    const { status, body } = await api.post('/v1/runs', { ...request, template: 'http-servis' });
    expect([status, body.code]).toEqual([404, 'ASSAY_NOT_FOUND']);
    expect(body.detail).toContain('http-service');
  });

  it.each([
    ['the same sides', { canary: '1.4.2' }],
    ['a side that is part of the other', { canary: { 'service.version': '1.4.2', zone: 'eu' } }],
    ['sides that do not exclude each other', { canary: { track: 'canary' } }],
    ['a weight of nothing', { weight: 0 }],
    ['an end without a start', { to: '2026-01-01T00:00:00Z' }],
    ['an end in the future', { from: '2026-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z' }],
    ['a moment without an offset', { from: '2026-01-01T00:00:00' }],
    ['nested labels', { labels: { a: { b: 'c' } } }],
  ])('refuses %s', async (_what, change) => {
    expect((await api.post('/v1/runs', { ...request, ...change })).status).toBe(400);
  });

  it('says of sides that overlap what belongs to both', async () => {
    const { body } = await api.post('/v1/runs', { ...request, canary: { 'service.version': '1.4.2', zone: 'eu' } });
    expect(body.detail).toBe(
      'baseline and canary overlap: telemetry can be both service.version=1.4.2 and service.version=1.4.2, zone=eu; ' +
        'give both sides a value of the same attribute, and different ones',
    );
  });

  it('says of names that no field may have what they are', async () => {
    const { status, body } = await api.post('/v1/runs', '{"__proto__":{"admin":true},"template":"http-service"}');
    expect([status, body.code]).toEqual([400, 'ASSAY_REQUEST_INVALID']);
    expect(body.detail).toContain('`__proto__`');
  });

  it('takes cohorts as maps, and names that objects have by nature', async () => {
    const sides = { baseline: { 'service.version': '1', toString: 'x' }, canary: { 'service.version': '2' } };
    const { id } = await newRun(sides);
    const { body } = await api.ask(`/v1/runs/${id}`);
    expect(body.baseline.matchers).toEqual([
      { attribute: 'service.version', operator: '=', value: '1' },
      { attribute: 'toString', operator: '=', value: 'x' },
    ]);
  });
});

describe('finding runs', () => {
  it('pages through them, newest first, by state, template and label', async () => {
    const label = `batch:${serial}`;
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.unshift((await newRun({ labels: { batch: label.slice(6) } })).id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.ask(`/v1/runs?limit=2&state=running&template=http-service&label=${label}${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.runs.map(({ id }: { id: string }) => id));
      cursor = body.next;
    } while (cursor);
    expect(seen).toEqual(ids);
  });

  it.each(['limit=0', 'limit=251', 'limit=1e2', 'limit=2&limit=3', 'state=done', 'label=x', 'colour=red', `cursor=${'x'.repeat(201)}`])(
    'refuses the filter %s',
    async (query) => {
      expect((await api.ask(`/v1/runs?${query}`)).status).toBe(400);
    },
  );

  it.each(['run_00000000000000000000', 'nope', '..%2f..%2fetc%2fpasswd', '%00', "'; drop table run; --", 'a'.repeat(101)])(
    'has nothing under %s',
    async (id) => {
      const { status, body } = await api.ask(`/v1/runs/${encodeURIComponent(decodeURIComponent(id))}`);
      expect([404, 431]).toContain(status);
      expect(body.issues).toEqual([]);
    },
  );
});

describe('the verdict', () => {
  it('is hold with every field before the first look', async () => {
    const { id } = await newRun();
    const { status, body, headers } = await api.ask(`/v1/runs/${id}/verdict`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      run: id,
      decision: 'hold',
      final: false,
      state: 'running',
      code: 'warmup',
      looks: 0,
      metrics: [],
      etaSeconds: null,
    });
    expect(headers.get('etag')).toMatch(/^"[\w-]{22}"$/);
  });

  it('is not sent again to who has it', async () => {
    const { id } = await newRun();
    const etag = (await api.ask(`/v1/runs/${id}/verdict`)).headers.get('etag') ?? '';
    const again = await api.ask(`/v1/runs/${id}/verdict`, { headers: { 'if-none-match': etag } });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', etag]);
  });

  it('is answered as soon as there is news for who waits', async () => {
    const run = await newRun();
    const etag = (await api.ask(`/v1/runs/${run.id}/verdict`)).headers.get('etag') ?? '';
    const started = performance.now();
    const waiting = api.ask(`/v1/runs/${run.id}/verdict?wait=25s`, { headers: { 'if-none-match': etag } });
    setTimeout(() => void api.look(run, { decision: 'hold', code: 'min-samples', reason: 'news' }), 200);
    const { status, body } = await waiting;
    expect([status, body.looks, body.reason]).toEqual([200, 1, 'news']);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('that changed in between is answered at once', async () => {
    const run = await newRun();
    const etag = (await api.ask(`/v1/runs/${run.id}/verdict`)).headers.get('etag') ?? '';
    await api.look(run, {});
    const started = performance.now();
    const { body } = await api.ask(`/v1/runs/${run.id}/verdict?wait=25s`, { headers: { 'if-none-match': etag } });
    expect(body.looks).toBe(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is what it was when nothing happens in time, never a promote', async () => {
    const { id } = await newRun();
    const first = await api.ask(`/v1/runs/${id}/verdict`);
    const waited = await api.ask(`/v1/runs/${id}/verdict?wait=300ms`);
    expect([waited.status, waited.body]).toEqual([200, first.body]);
    const known = await api.ask(`/v1/runs/${id}/verdict?wait=300ms`, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect(known.status).toBe(304);
  });

  it('that is final is never waited for', async () => {
    const run = await newRun();
    await api.look(run, { decision: 'rollback', final: true, code: 'harm-evidence', reason: 'error-rate: canary 1.9 % against 0.4 %' });
    const started = performance.now();
    const { body } = await api.ask(`/v1/runs/${run.id}/verdict?wait=25s`);
    expect(body).toMatchObject({ decision: 'rollback', final: true, state: 'finished' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each(['wait=forever', 'wait=25', 'wait=-1s', 'wate=25s', 'wait=99s', 'wait=25001ms'])('refuses %s', async (query) => {
    const { id } = await newRun();
    expect((await api.ask(`/v1/runs/${id}/verdict?${query}`)).status).toBe(400);
  });

  it('is 404 only for a run that does not exist', async () => {
    expect((await api.ask('/v1/runs/run_00000000000000000000/verdict?wait=25s')).status).toBe(404);
  });
});

describe('the events of a run', () => {
  it('are the present verdict, every later one, and the end', async () => {
    const run = await newRun();
    const response = await fetch(`${api.url}/v1/runs/${run.id}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const blocks = blocksOf(response);
    const events = [await blocks.next()];
    const second = await api.look(run, { reason: 'second\n\nevent: verdict\ndata: {"decision":"promote"}' });
    events.push(await blocks.next());
    await api.look(second, { decision: 'promote', final: true, code: 'all-safe', reason: 'third' });
    events.push(await blocks.next());
    expect((await blocks.next()).done).toBe(true);
    const data = events.map(({ value }) => JSON.parse(/^data: (.*)$/m.exec(value ?? '')?.[1] ?? ''));
    expect(data.map(({ looks, decision, final }) => [looks, decision, final])).toEqual([
      [0, 'hold', false],
      [1, 'hold', false],
      [2, 'promote', true],
    ]);

    const lastId = /^id: (.*)$/m.exec(events[2]?.value ?? '')?.[1] ?? '';
    const again = await api.ask(`/v1/runs/${run.id}/events`, { headers: { 'last-event-id': lastId } });
    expect(again.status).toBe(204);
  });

  it('are 404 for a run that does not exist', async () => {
    expect((await api.ask('/v1/runs/run_00000000000000000000/events')).status).toBe(404);
  });
});

/** What begins with an id, as it comes; the rest are heartbeats. */
async function* blocksOf(response: Response): AsyncGenerator<string, undefined> {
  let text = '';
  for await (const piece of response.body ?? []) {
    const blocks = (text + Buffer.from(piece).toString()).split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks.filter((block) => block.startsWith('id: '));
  }
}

describe('changing a run', () => {
  it('declares another weight without losing what is known', async () => {
    const run = await newRun();
    await api.look(run, {});
    const { status, body } = await api.post(`/v1/runs/${run.id}/phase`, { weight: 0.2 });
    expect(status).toBe(200);
    expect(body.phases.map(({ weight }: { weight: number }) => weight)).toEqual([0.05, 0.2]);
    expect(body.verdict).toMatchObject({ looks: 1, phase: { weight: 0.2 } });
  });

  it('takes a weight that is declared once more for what it is', async () => {
    const run = await newRun();
    await api.post(`/v1/runs/${run.id}/phase`, { weight: 0.2 });
    const { body } = await api.post(`/v1/runs/${run.id}/phase`, { weight: 0.2 });
    expect(body.phases.map(({ weight }: { weight: number }) => weight)).toEqual([0.05, 0.2]);
  });

  it('asks the same question again once for each key', async () => {
    const run = await newRun();
    await api.post(`/v1/runs/${run.id}/cancel`, {});
    const again = () => api.post(`/v1/runs/${run.id}/rerun`, undefined, { headers: { 'idempotency-key': `rerun-${run.id}` } });
    const [first, second] = [await again(), await again()];
    expect([first.body.created, second.body]).toEqual([true, { ...first.body, created: false }]);
    expect(first.body.id).not.toBe(run.id);
  });

  it('cancels without a body, and a cancelled run is no success and cannot be changed', async () => {
    const { id } = await newRun();
    const { status, body } = await api.ask(`/v1/runs/${id}/cancel`, { method: 'POST' });
    expect([status, body.state, body.verdict.decision, body.verdict.final, body.verdict.code]).toEqual([
      200,
      'cancelled',
      'hold',
      true,
      'cancelled',
    ]);
    expect(body.verdict.reason).toContain('local');
    for (const [path, change] of [
      ['cancel', {}],
      ['phase', { weight: 0.5 }],
      ['override', { decision: 'promote', reason: 'x', actor: 'kim' }],
    ] as const) {
      expect((await api.post(`/v1/runs/${id}/${path}`, change)).status).toBe(409);
    }
  });

  it('lets a person decide, with the reason and the name', async () => {
    const run = await newRun();
    await api.look(run, {});
    const { body } = await api.post(`/v1/runs/${run.id}/override`, {
      decision: 'promote',
      reason: 'known noise',
      actor: 'kim@example.com',
    });
    expect(body.verdict).toMatchObject({ decision: 'promote', final: true, code: 'overridden', state: 'finished' });
    expect(body.verdict.reason).toContain('kim@example.com');
    expect(body.verdict.reason).toContain('known noise');
    expect(body.verdict.metrics).toHaveLength(1);
  });

  it.each([
    {},
    { decision: 'promote' },
    { decision: 'promote', reason: 'x' },
    { decision: 'yes', reason: 'x', actor: 'kim' },
    { decision: 'promote', reason: '', actor: 'kim' },
  ])('does not let %j decide', async (body) => {
    const { id } = await newRun();
    expect((await api.post(`/v1/runs/${id}/override`, body)).status).toBe(400);
  });

  it('asks the same again as a linked run', async () => {
    const { id } = await newRun();
    await api.post(`/v1/runs/${id}/cancel`, { reason: 'again' });
    const again = await api.ask(`/v1/runs/${id}/rerun`, { method: 'POST' });
    expect(again.status).toBe(202);
    expect((await api.ask(`/v1/runs/${again.body.id}`)).body).toMatchObject({ rerunOf: id, state: 'running' });
  });

  it('keeps every look on the way', async () => {
    let run = await newRun();
    for (const reason of ['one', 'two', 'three']) run = await api.look(run, { reason });
    const first = await api.ask(`/v1/runs/${run.id}/looks?limit=2`);
    const rest = await api.ask(`/v1/runs/${run.id}/looks?limit=2&after=${first.body.next}`);
    const reasons = [...first.body.looks, ...rest.body.looks].map(({ sequence, reason }: { sequence: number; reason: string }) => [
      sequence,
      reason,
    ]);
    expect(reasons).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
    expect(rest.body.next).toBeNull();
  });
});

describe('templates', () => {
  it('are listed, and shown with their text by name, by hash and by both', async () => {
    const { body } = await api.ask('/v1/templates');
    expect(body.templates.map(({ name }: { name: string }) => name)).toContain('http-service');
    const { hash } = body.templates.find(({ name }: { name: string }) => name === 'http-service');
    for (const reference of ['http-service', hash, `http-service@${hash}`]) {
      const { status, body: one } = await api.ask(`/v1/templates/${encodeURIComponent(reference)}`);
      expect([status, one.name, one.text.includes('kind: AnalysisTemplate')]).toEqual([200, 'http-service', true]);
    }
  });

  it('are linted as YAML and as JSON, with the same answer', async () => {
    const text = 'apiVersion: assay.dev/v1\nkind: AnalysisTemplat\n';
    const yaml = await api.post('/v1/templates/lint', text, { headers: { 'content-type': 'text/yaml' } });
    const json = await api.post('/v1/templates/lint', { text });
    expect(yaml.status).toBe(200);
    expect(yaml.body).toEqual(json.body);
    expect(yaml.body).toMatchObject({ valid: false, hash: null });
    expect(yaml.body.issues).toContainEqual(expect.objectContaining({ path: 'kind', line: 2 }));
  });

  it('are told how long verdicts would take under assumed traffic', async () => {
    const { text } = (await api.ask('/v1/templates/http-service')).body;
    const { status, body } = await api.post('/v1/templates/lint', { text, traffic: { requestsPerSecond: 20, share: 0.05 } });
    expect([status, body.valid]).toEqual([200, true]);
    expect(body.issues.map(({ code }: { code: string }) => code)).toEqual(['safe-after-deadline', 'harm-after-deadline']);
    expect(body.forecast).toMatchObject({ deadlineSeconds: 3600, without: [], phases: [{ weight: 0.05 }] });
    expect(body.forecast.phases[0].questions.map(({ name }: { name: string }) => name)).toContain('latency p95');
    expect((await api.post('/v1/templates/lint', { text })).body.forecast).toBeNull();
    expect((await api.post('/v1/templates/lint', { text, traffic: { requestsPerSecond: -1 } })).status).toBe(400);
  });

  it('that are fine are said to be fine', async () => {
    const { text, hash } = (await api.ask('/v1/templates/http-service')).body;
    expect((await api.post('/v1/templates/lint', { text })).body).toMatchObject({ valid: true, name: 'http-service', hash });
  });

  it('longer than 64 KiB are not read', async () => {
    const { status } = await api.post('/v1/templates/lint', 'a'.repeat(64 * 1024 + 1), { headers: { 'content-type': 'text/yaml' } });
    expect(status).toBe(413);
  });

  it.each([{}, { text: 1 }, { text: 'a: b', more: 1 }, []])('are not in %j', async (body) => {
    expect((await api.post('/v1/templates/lint', body)).status).toBe(400);
  });
});

describe('endpoints and deliveries', () => {
  const endpoint = {
    channel: 'webhook',
    url: 'https://deploy.example/hook',
    secretRef: 'env:ASSAY_TEST_SECRET',
    events: ['verdict.final'],
  };

  it('are made, shown, deleted and then unknown', async () => {
    const made = await api.post('/v1/endpoints', endpoint);
    expect([made.status, made.body.enabled, made.body.events]).toEqual([201, true, ['verdict.final']]);
    expect((await api.ask('/v1/endpoints')).body.endpoints.map(({ id }: { id: string }) => id)).toContain(made.body.id);
    expect((await api.ask(`/v1/endpoints/${made.body.id}`)).body).toEqual(made.body);
    expect((await api.ask(`/v1/endpoints/${made.body.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await api.ask(`/v1/endpoints/${made.body.id}`)).status).toBe(404);
  });

  it('keep no secret by value', async () => {
    const { status, body } = await api.post('/v1/endpoints', { ...endpoint, secretRef: 'whsec_c2VjcmV0LWNhbmFyeQ==' });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toContain('c2VjcmV0');
  });

  it('show what was sent for a run, and send it again', async () => {
    const made = await api.post('/v1/endpoints', endpoint);
    const run = await newRun();
    await api.look(run, { decision: 'rollback', final: true, code: 'harm-evidence' });
    const { body } = await api.ask(`/v1/deliveries?run=${run.id}`);
    expect(body.deliveries).toMatchObject([{ type: 'verdict.final', endpoint: made.body.id, run: run.id, state: 'pending', attempts: [] }]);
    const again = await api.ask(`/v1/deliveries/${body.deliveries[0].id}/replay`, { method: 'POST' });
    expect([again.status, again.body.replayOf, again.body.event]).toEqual([202, body.deliveries[0].id, body.deliveries[0].event]);
    await api.ask(`/v1/endpoints/${made.body.id}`, { method: 'DELETE' });
  });
});

describe('around it', () => {
  it('shows where to begin, that it is alive and that it is ready', async () => {
    expect((await api.ask('/')).body.links.runs).toBe('http://assay.example/v1/runs');
    expect((await api.ask('/healthz')).body.status).toBe('ok');
    const { status, body } = await api.ask('/readyz');
    expect([status, body.status, body.store.status]).toEqual([200, 'ready', 'ok']);
    expect(body.templates).toBeGreaterThanOrEqual(5);
  });

  it('documents itself under a policy that allows no script from elsewhere', async () => {
    const page = await api.ask('/docs');
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("default-src 'self'")]);
    const { body } = await api.ask('/openapi.json');
    expect(Object.keys(body.paths)).toContain('/v1/runs/{id}/verdict');
  });

  it('gives every answer an id, the caller’s where it is harmless', async () => {
    expect((await api.ask('/healthz', { headers: { 'x-request-id': 'deploy-1' } })).headers.get('x-request-id')).toBe('deploy-1');
    const { body, headers } = await api.ask('/nope', { headers: { 'x-request-id': 'a b' } });
    expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-request-id')).toBe(body.requestId);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
