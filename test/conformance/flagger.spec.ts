import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { scopes } from '../../src/config/index.js';
import type { Run, Verdict } from '../../src/domain/index.js';
import { routePolicies } from '../../src/http/access/route-policies.js';
import { RunStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { type FlaggerAnalysis, FlaggerRollout } from '../support/flagger-rules.js';

let api: TestApi;
let lines: string[] = [];

beforeAll(async () => {
  api = await TestApi.start({ tokens: true, log: { write: (line: string) => void lines.push(line) } });
}, 60_000);
afterAll(() => api.stop());

const hooks = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'post-rollout',
  'event',
] as const;

let canaries = 0;
const nextCanary = (): Payload => ({ name: `checkout-${++canaries}`, namespace: 'shop', checksum: '6f9c1d', phase: 'Progressing' });

interface Payload {
  readonly name: string;
  readonly namespace: string;
  readonly checksum: string;
  readonly phase: string;
  readonly canaryWeight?: number;
}

const call = (hook: string, payload: object, metadata: object = { template: 'http-service' }): Promise<Answer> =>
  api.post(`/flagger/t/${api.tokens.deployer}/${hook}`, { ...payload, metadata });

const event = (payload: object, eventMessage: string, metadata: object = { template: 'http-service' }): Promise<Answer> =>
  call('event', payload, { ...metadata, eventMessage, eventType: 'Normal', timestamp: '1769940902000' });

/** The runs of a canary, newest first. */
async function runsOf({ namespace, name }: Payload): Promise<Run[]> {
  const labels = { 'assay.flagger': `${namespace}/${name}` };
  return (await api.get(RunStore).list({ limit: 10, cursor: null, labels })).runs;
}

async function look(payload: Payload, verdict: Partial<Verdict>): Promise<void> {
  const [run] = await runsOf(payload);
  if (!run) throw new Error(`no run for ${payload.name}`);
  await api.look(run, verdict);
}

/** A canary with traffic whose run has had this look; null: no look yet. */
async function rollout(verdict: Partial<Verdict> | null): Promise<Payload> {
  const canary = nextCanary();
  await call('confirm-rollout', canary);
  await event(canary, `Advance ${canary.name}.shop canary weight 10`);
  if (verdict) await look(canary, verdict);
  return canary;
}

const promote = { decision: 'promote', final: true, code: 'all-safe' } as const;
const phaseSafe = { decision: 'promote', final: false, code: 'phase-safe' } as const;
const baking = { decision: 'promote', final: false, code: 'baking' } as const;
const rollback = { decision: 'rollback', final: true, code: 'harm-evidence', reason: 'error-rate is\nworse' } as const;
const heldForGood = { decision: 'hold', final: true, code: 'deadline' } as const;
const cancelled = { decision: 'hold', final: true, code: 'cancelled' } as const;
const sourceDown = { decision: 'hold', code: 'source-unavailable' } as const;

describe('each hook in each state', () => {
  const states = [null, {}, sourceDown, promote, phaseSafe, baking, heldForGood, rollback, cancelled];
  const table: readonly [(typeof hooks)[number], readonly number[]][] = [
    ['rollout', [403, 403, 403, 200, 200, 200, 403, 403, 403]],
    ['confirm-traffic-increase', [403, 403, 403, 200, 200, 200, 403, 403, 403]],
    ['confirm-promotion', [403, 403, 403, 200, 403, 200, 403, 403, 403]],
    ['rollback', [403, 403, 403, 403, 403, 403, 403, 200, 403]],
    ['event', [202, 202, 202, 202, 202, 202, 202, 202, 202]],
    ['post-rollout', [200, 200, 200, 200, 200, 200, 200, 200, 200]],
  ];

  it('has its status, and one line that says why', async () => {
    const found = new Map(table.map(([hook]) => [hook, [] as number[]]));
    for (const state of states) {
      const canary = await rollout(state);
      for (const [hook] of table) {
        const { status, headers, body } = await call(hook, canary, {});
        found.get(hook)?.push(status);
        expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(body).toMatch(/^[^\n]{2,500}\n$/);
        if (status === 403) expect(body).toContain('http://assay.example/v1/runs/run_');
      }
    }
    expect([...found]).toEqual(table);
  });

  it.each([
    ['running', {}, 200],
    ['promoted', promote, 200],
    ['held for good', heldForGood, 403],
    ['rolled back', rollback, 403],
    ['cancelled', cancelled, 403],
  ])('that begins a rollout, with a run that is %s', async (_name, verdict, status) => {
    for (const hook of ['confirm-rollout', 'pre-rollout'] as const) {
      const canary = nextCanary();
      await call('confirm-rollout', canary);
      await look(canary, verdict);
      expect((await call(hook, canary)).status).toBe(status);
      expect(await runsOf(canary)).toHaveLength(1);
    }
  });

  it.each([
    ['confirm-rollout', 200, 1],
    ['pre-rollout', 200, 1],
    ['rollout', 404, 0],
    ['confirm-traffic-increase', 403, 1],
    ['confirm-promotion', 404, 0],
    ['rollback', 404, 0],
    ['post-rollout', 404, 0],
    ['event', 202, 0],
  ])('%s of a canary that nobody knows is %d', async (hook, status, runs) => {
    const canary = nextCanary();
    expect([(await call(hook, canary)).status, (await runsOf(canary)).length]).toEqual([status, runs]);
  });
});

describe('who may call', () => {
  const path = (hook: string): string => `/flagger/${hook}`;
  const asked = (canary: Payload): object => ({ ...canary, metadata: { template: 'http-service' } });

  it.each(hooks)('%s: nobody without a token, and only with the scope deployer', async (hook) => {
    const canary = await rollout(rollback);
    const garbage = ['x', `assay_admin_${'A'.repeat(43)}`, '..%2f', '%00'];
    const refused = [
      await api.post(path(hook), asked(canary)),
      await api.post(path(hook), { ...canary, metadata: { token: 'x' } }),
      await api.post(path(hook), asked(canary), { headers: { authorization: 'Basic Og==' } }),
      ...(await Promise.all(garbage.map((token) => api.post(`/flagger/t/${token}/${hook}`, asked(canary))))),
    ];
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    for (const scope of scopes) {
      const { status } = await api.post(`/flagger/t/${api.tokens[scope]}/${hook}`, asked(canary));
      if (scope !== 'deployer' && scope !== 'admin') expect(status).toBe(403);
    }
  });

  it('carries the token in the path, in the metadata, as a password or as a bearer', async () => {
    const canary = await rollout(rollback);
    const token = api.tokens.deployer ?? '';
    const answers = [
      await api.post(`/flagger/t/${token}/rollback`, canary),
      await api.post('/flagger/rollback', { ...canary, metadata: { token } }),
      await api.post('/flagger/rollback', canary, { headers: { authorization: `Basic ${btoa(`flagger:${token}`)}` } }),
      await api.post('/flagger/rollback', canary, { token }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('leaves no token in the log or in an answer', async () => {
    lines = [];
    const token = api.tokens.deployer ?? '';
    const answers = [
      await api.post(`/flagger/t/${token}/no-such-hook`, {}),
      await api.post(`/flagger/t/${token}/rollback`, '{'),
      await api.post(`/flagger/t/${token}/rollback`, { metadata: { token } }),
      await api.ask(`/flagger/t/${token}/rollback`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 403, 404]);
    const said = `${lines.join('')}${JSON.stringify(answers.map(({ body }) => body))}`;
    expect(said).toContain('/t/…');
    for (const secret of Object.values(api.tokens)) expect(said).not.toContain(secret.slice(-43));
  });

  it('is a deployer on every route', () => {
    const routes = routePolicies(api.app).filter((route) => route.path.startsWith('/flagger'));
    const gates = [
      'gate/approve',
      'gate/halt',
      ...['gate', 'rollback'].flatMap((kind) => ['check', 'open', 'close'].map((verb) => `${kind}/${verb}`)),
    ];
    const paths = [...hooks, ...gates].flatMap((hook) => [`/flagger/${hook}`, `/flagger/t/:token/${hook}`]);
    expect(routes.map((route) => route.path).sort()).toEqual(paths.sort());
    expect(new Set(routes.map(({ policy, method }) => `${method} ${policy}`))).toEqual(new Set(['POST deployer']));
  });
});

describe('a body that Flagger does not send', () => {
  const canary = { name: 'checkout', namespace: 'shop', checksum: '1' };

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['a text', '"rollback"'],
    ['no checksum', { ...canary, checksum: undefined }],
    ['an empty name', { ...canary, name: '' }],
    ['a name that is a number', { ...canary, name: 1 }],
    ['a namespace without end', { ...canary, namespace: 'a'.repeat(254) }],
    ['metadata that is a list', { ...canary, metadata: [] }],
    ['metadata with a number', { ...canary, metadata: { weight: 1 } }],
  ])('%s is no for every hook', async (_name, body) => {
    for (const hook of hooks) {
      const { status } = await api.ask(`/flagger/t/${api.tokens.deployer}/${hook}`, { method: 'POST', body });
      expect(status).toBe(403);
    }
  });

  it('may have fields of other versions', async () => {
    const more = { buildId: '7', type: 'rollback', failedChecks: 1, iterations: 0, remainingTime: 5, canaryWeight: 30 };
    expect((await call('confirm-rollout', { ...nextCanary(), ...more })).status).toBe(200);
  });

  it.each([
    ['no template', {}, 403, 'metadata.template is missing'],
    ['a template that nobody knows', { template: 'nobody' }, 404, 'nobody'],
    ['an argument that it has not', { template: 'http-service', 'argument.sevrice': 'a' }, 403, 'sevrice'],
    ['sides that are the same', { template: 'http-service', baseline: 'a', canary: 'a' }, 403, 'nothing to compare'],
  ])('cannot start a run with %s', async (_name, metadata, status, said) => {
    const answer = await call('confirm-rollout', nextCanary(), metadata);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(said)]);
  });
});

describe('the run of a rollout', () => {
  it('is one, however often and by how many at once it is asked for', async () => {
    const canary = nextCanary();
    await Promise.all(Array.from({ length: 6 }, () => call('confirm-rollout', canary)));
    await call('pre-rollout', canary);
    await call('confirm-traffic-increase', canary);
    const [run, ...others] = await runsOf(canary);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      names: { baseline: `${canary.name}-primary`, canary: canary.name },
      arguments: { service: canary.name },
      labels: { namespace: 'shop', app: canary.name },
    });
  });

  it('is another for another checksum, which ends the one before', async () => {
    const before = await rollout({});
    const after = { ...before, checksum: 'another' };
    await call('confirm-rollout', after);
    expect((await runsOf(before)).map(({ state }) => state)).toEqual(['running', 'cancelled']);
    await look(after, promote);
    expect((await call('confirm-promotion', before)).status).toBe(404);
    expect((await call('confirm-promotion', after)).status).toBe(200);
  });

  it('never lets a revision through on what was found when it was rolled out the last time', async () => {
    const canary = await rollout(promote);
    expect((await call('confirm-promotion', canary)).status).toBe(200);
    const other = { ...canary, checksum: 'in-between' };
    await call('confirm-rollout', other);
    await look(other, promote);
    expect((await call('confirm-promotion', canary)).status).toBe(404);
    expect((await call('confirm-traffic-increase', canary)).status).toBe(403);
    expect((await call('confirm-promotion', canary)).status).toBe(403);
    expect(await runsOf(canary)).toHaveLength(3);
  });

  it('begins anew when the same revision begins anew', async () => {
    const canary = await rollout({});
    await Promise.all(Array.from({ length: 4 }, () => call('pre-rollout', canary)));
    expect((await runsOf(canary)).map(({ state }) => state)).toEqual(['running', 'cancelled']);
  });

  it('is not taken from somebody else', async () => {
    const canary = nextCanary();
    const asked = {
      template: 'http-service',
      arguments: { service: canary.name },
      baseline: `${canary.name}-primary`,
      canary: canary.name,
    };
    const { body } = await api.post('/v1/runs', asked, { token: api.tokens.deployer ?? '' });
    const answer = await call('confirm-rollout', canary);
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining(body.id)]);
    expect((await api.get(RunStore).get(body.id)).state).toBe('running');
    await api.post(`/v1/runs/${body.id}/cancel`, {}, { token: api.tokens.deployer ?? '' });
    expect((await call('confirm-rollout', canary)).status).toBe(200);
  });

  it('is closed at the end, but watched on while it bakes', async () => {
    const [failed, baked] = [await rollout({}), await rollout(baking)];
    await call('post-rollout', { ...failed, phase: 'Failed' });
    await call('post-rollout', { ...baked, phase: 'Succeeded' });
    expect([(await runsOf(failed))[0]?.state, (await runsOf(baked))[0]?.state]).toEqual(['cancelled', 'running']);
  });
});

describe('the weight', () => {
  it('that has risen needs a look of its own before it rises again', async () => {
    const canary = await rollout({ ...phaseSafe, elapsedSeconds: 0 });
    const { status, body } = await call('confirm-traffic-increase', canary);
    expect([status, body]).toEqual([403, expect.stringContaining('safe at the weight before')]);
    await look(canary, phaseSafe);
    expect((await call('confirm-traffic-increase', canary)).status).toBe(200);
    await look(canary, { ...phaseSafe, elapsedSeconds: 0 });
    expect((await call('confirm-traffic-increase', { ...canary, canaryWeight: 20 })).status).toBe(403);
  });

  const weights = async (canary: Payload): Promise<(number | null)[]> =>
    (await runsOf(canary))[0]?.phaseChanges.map(({ weight }) => weight) ?? [];

  it('is what the events declare', async () => {
    const canary = nextCanary();
    await event(canary, `Starting canary analysis for ${canary.name}.shop`);
    for (const weight of ['10', '20', '20', '100', '0', '101', 'x', '']) {
      expect((await event(canary, `Advance ${canary.name}.shop canary weight ${weight}`)).status).toBe(202);
    }
    await event(canary, 'Advance other.shop canary weight 30');
    await event(canary, `Advance ${canary.name}.shop canary iteration 2/10`);
    expect(await weights(canary)).toEqual([null, 0.1, 0.2, 1]);
  });

  it('is what recent versions tell with every hook', async () => {
    const canary = nextCanary();
    expect((await call('confirm-traffic-increase', { ...canary, canaryWeight: 0 })).status).toBe(200);
    expect((await call('confirm-traffic-increase', { ...canary, canaryWeight: 10 })).status).toBe(403);
    expect((await call('rollback', { ...canary, canaryWeight: 20 })).status).toBe(403);
    expect(await weights(canary)).toEqual([null, 0.1, 0.2]);
  });

  it('rises once without evidence for each time that there was no traffic', async () => {
    const canary = nextCanary();
    const increase = async (): Promise<number> => (await call('confirm-traffic-increase', canary)).status;
    await call('pre-rollout', canary);
    expect([await increase(), await increase()]).toEqual([200, 403]);
    await event(canary, `Starting canary analysis for ${canary.name}.shop`);
    await event(canary, `Advance ${canary.name}.shop canary weight 10`);
    expect(await increase()).toBe(403);
  });
});

describe('a revision that is rolled out again', () => {
  it('is judged again although nobody said that it begins: what was found is of the rollout before', async () => {
    const canary = await rollout(promote);
    expect((await call('confirm-promotion', canary)).status).toBe(200);
    expect((await call('post-rollout', { ...canary, phase: 'Succeeded' })).status).toBe(200);
    expect((await call('confirm-promotion', canary)).status).toBe(404);
    expect((await call('rollback', canary)).status).toBe(404);
    expect((await call('confirm-traffic-increase', canary)).status).toBe(403);
    const [again, before] = await runsOf(canary);
    expect([again?.state, before?.verdict?.decision]).toEqual(['running', 'promote']);
  });

  it('begins with the event of its new revision, where the end of the one before was lost', async () => {
    const canary = await rollout(promote);
    await event(canary, `New revision detected! Scaling up ${canary.name}.shop`);
    expect((await call('confirm-promotion', canary)).status).toBe(403);
    expect(await runsOf(canary)).toHaveLength(2);
  });
});

describe("the load tester's gates", () => {
  const at = (path: string, canary: object): Promise<Answer> => api.post(`/flagger/t/${api.tokens.deployer}/${path}`, canary);
  const tell = async (path: string, canary: object): Promise<unknown[]> => {
    const { status, body } = await at(path, canary);
    return [status, body];
  };

  it.each(['gate', 'rollback'])('%s: closed until somebody opens it, and for that canary only', async (kind) => {
    const [canary, other] = [nextCanary(), nextCanary()];
    expect(await tell(`${kind}/check`, canary)).toEqual([403, 'Forbidden']);
    expect(await tell(`${kind}/open`, canary)).toEqual([202, 'opened']);
    expect(await tell(`${kind}/check`, canary)).toEqual([200, 'Approved']);
    expect(await tell(`${kind}/check`, other)).toEqual([403, 'Forbidden']);
    expect(await tell(`${kind === 'gate' ? 'rollback' : 'gate'}/check`, canary)).toEqual([403, 'Forbidden']);
    expect(await tell(`${kind}/close`, canary)).toEqual([202, 'closed']);
    expect(await tell(`${kind}/check`, canary)).toEqual([403, 'Forbidden']);
  });

  it('always say yes or no where that is asked for', async () => {
    expect([await tell('gate/approve', nextCanary()), await tell('gate/halt', nextCanary())]).toEqual([
      [200, 'OK'],
      [403, 'Forbidden'],
    ]);
  });

  it('say no to whom they do not know, and to what names no canary', async () => {
    expect((await api.post('/flagger/t/assay_nobody_x/rollback/check', nextCanary())).status).toBe(403);
    expect((await api.post('/flagger/gate/check', nextCanary())).status).toBe(403);
    for (const body of [{}, { name: 'x' }, [], { name: 1, namespace: 'shop' }]) {
      expect((await at('rollback/check', body)).status).toBe(403);
      expect((await at('gate/open', body)).status).toBe(403);
    }
  });
});

describe('docs/integrations/flagger.md', () => {
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/integrations/flagger.md', 'utf8')) ?? [];
  const { analysis }: { analysis: FlaggerAnalysis } = parse(yaml ?? '').spec;

  const rolloutOf = (canary: Payload, tellsWeight: boolean): FlaggerRollout => {
    const send = async ({ url }: { url: string }, payload: object): Promise<number> =>
      (
        await api.post(
          url.replace('https://assay.example', '').replace('assay_flagger_TOKEN', api.tokens.deployer ?? ''),
          JSON.parse(JSON.stringify(payload)),
        )
      ).status;
    const { name, namespace, checksum } = canary;
    return new FlaggerRollout(analysis, { name, namespace, checksum }, send, tellsWeight);
  };

  it.each([false, true])('holds a release at its first weight while nothing is decided; Flagger tells the weight: %p', async (tells) => {
    const canary = nextCanary();
    const flagger = rolloutOf(canary, tells);
    for (let interval = 0; interval < 20; interval++) {
      await flagger.advance();
      await look(canary, {});
    }
    expect([flagger.phase, flagger.weight, flagger.failedChecks]).toEqual(['Progressing', analysis.stepWeight, 0]);
    const [run, ...others] = await runsOf(canary);
    expect([run?.looks, others.length]).toEqual([20, 0]);
  });

  it.each([false, true])('takes a safe release to its end; Flagger tells the weight: %p', async (tells) => {
    const canary = nextCanary();
    const flagger = rolloutOf(canary, tells);
    await flagger.advance();
    await look(canary, promote);
    for (let interval = 0; interval < 10; interval++) await flagger.advance();
    expect([flagger.phase, flagger.weight]).toEqual(['Succeeded', analysis.maxWeight]);
  });

  it.each([false, true])('rolls a harmful release back at once; Flagger tells the weight: %p', async (tells) => {
    const canary = nextCanary();
    const flagger = rolloutOf(canary, tells);
    await flagger.advance();
    await look(canary, rollback);
    await flagger.advance();
    expect([flagger.phase, flagger.weight]).toEqual(['Failed', analysis.stepWeight]);
  });

  it('moves nothing while Assay is down', async () => {
    const flagger = new FlaggerRollout(analysis, nextCanary(), async () => null, true);
    for (let interval = 0; interval < 10; interval++) await flagger.advance();
    expect([flagger.phase, flagger.weight, flagger.failedChecks]).toEqual(['Progressing', 0, 0]);
  });
});
