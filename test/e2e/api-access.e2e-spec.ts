import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { allows, newToken, type Scope, scopes } from '../../src/config/index.js';
import { assertEveryRouteHasPolicy, type RoutePolicy, routePolicies } from '../../src/http/access/route-policies.js';
import { TestApi } from '../support/api.js';

let api: TestApi;
let lines: string[] = [];

beforeAll(async () => {
  api = await TestApi.start({ tokens: true, log: { write: (line: string) => void lines.push(line) } });
}, 60_000);
afterAll(() => api.stop());

const flaggerHooks = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
  'event',
  'gate/approve',
  'gate/check',
  'gate/close',
  'gate/halt',
  'gate/open',
  'rollback/check',
  'rollback/close',
  'rollback/open',
];

/** As the routes are declared; a route that is added appears here by itself. */
const declared: readonly [string, string][] = [
  ['GET /', 'public'],
  ['GET /healthz', 'public'],
  ['GET /readyz', 'public'],
  ['POST /v1/runs', 'deployer'],
  ['GET /v1/runs', 'viewer'],
  ['GET /v1/runs/:id', 'viewer'],
  ['GET /v1/runs/:id/looks', 'viewer'],
  ['POST /v1/runs/:id/phase', 'deployer'],
  ['POST /v1/runs/:id/cancel', 'deployer'],
  ['POST /v1/runs/:id/override', 'admin'],
  ['POST /v1/runs/:id/rerun', 'deployer'],
  ['GET /v1/runs/:id/verdict', 'viewer'],
  ['GET /v1/runs/:id/events', 'viewer'],
  ['GET /v1/groups/:id', 'viewer'],
  ['GET /v1/templates', 'viewer'],
  ['GET /v1/templates/:reference', 'viewer'],
  ['POST /v1/templates/lint', 'viewer'],
  ['GET /v1/endpoints', 'admin'],
  ['POST /v1/endpoints', 'admin'],
  ['GET /v1/endpoints/:id', 'admin'],
  ['POST /v1/endpoints/:id/enable', 'admin'],
  ['POST /v1/endpoints/:id/test', 'admin'],
  ['POST /v1/endpoints/:id/resend', 'admin'],
  ['DELETE /v1/endpoints/:id', 'admin'],
  ['POST /argo', 'deployer'],
  ['GET /argo/:id', 'viewer'],
  ...flaggerHooks.map((hook): [string, string] => [`POST /flagger/${hook}`, 'deployer']),
  ...flaggerHooks.map((hook): [string, string] => [`POST /flagger/t/:token/${hook}`, 'deployer']),
  ['GET /prometheus/api/v1/query', 'viewer'],
  ['POST /prometheus/api/v1/query', 'viewer'],
  ['GET /prometheus/api/v1/query_range', 'viewer'],
  ['POST /prometheus/api/v1/query_range', 'viewer'],
  ['GET /prometheus/api/v1/series', 'viewer'],
  ['POST /prometheus/api/v1/series', 'viewer'],
  ['GET /prometheus/api/v1/labels', 'viewer'],
  ['POST /prometheus/api/v1/labels', 'viewer'],
  ['GET /prometheus/api/v1/label/:name/values', 'viewer'],
  ['GET /prometheus/api/v1/metadata', 'viewer'],
  ['GET /prometheus/api/v1/status/buildinfo', 'viewer'],
  ['GET /v1/deliveries', 'viewer'],
  ['GET /v1/deliveries/:id', 'viewer'],
  ['POST /v1/deliveries/:id/replay', 'admin'],
  ...(
    [
      ['GET', 'canaryConfig', 'viewer'],
      ['POST', 'canaryConfig', 'author'],
      ['GET', 'canaryConfig/:id', 'viewer'],
      ['GET', 'canaryConfig/:id/changes', 'viewer'],
      ['PUT', 'canaryConfig/:id', 'author'],
      ['DELETE', 'canaryConfig/:id', 'author'],
      ['POST', 'canary', 'author'],
      ['POST', 'canary/:id', 'deployer'],
      ['GET', 'canary/executions', 'viewer'],
      ['GET', 'canary/:id', 'viewer'],
      ['GET', 'credentials', 'viewer'],
      ['GET', 'judges', 'viewer'],
      ['PUT', 'pipelines/:id/cancel', 'deployer'],
      ['POST', 'judge', 'viewer'],
      ['GET', 'metricSetPairList/:id', 'viewer'],
      ['GET', 'metricSetPairList/:id/:pair', 'viewer'],
      ['POST', 'standalone_canary_analysis', 'author'],
      ['POST', 'standalone_canary_analysis/:id', 'deployer'],
      ['GET', 'standalone_canary_analysis/:id', 'viewer'],
    ] as const
  ).flatMap(([method, path, scope]): [string, string][] =>
    ['kayenta', 'kayenta/t/:token'].map((prefix) => [`${method} /${prefix}/${path}`, scope]),
  ),
];

const nameOf = ({ method, path }: RoutePolicy): string => `${method} ${path}`;

async function statusOf(route: RoutePolicy, headers: Record<string, string>): Promise<number> {
  const path = route.path.replace(/:\w+/, 'run_00000000000000000000');
  return (await api.ask(path, { method: route.method, headers })).status;
}

describe('who may call what', () => {
  it('is declared for every route, as written here', () => {
    const found = routePolicies(api.app).map((route) => [nameOf(route), route.policy]);
    expect(found.sort()).toEqual([...declared].sort());
  });

  it('holds for every route and every kind of caller', async () => {
    const wrong: string[] = [];
    const garbage = [
      '',
      'Bearer',
      'Bearer x',
      `Bearer assay_admin_${'A'.repeat(43)}`,
      `Basic ${btoa('admin:admin')}`,
      api.tokens.admin ?? '',
    ];
    // Flagger knows only yes and no: what its hooks answer to whom is in test/conformance/flagger.spec.ts
    for (const route of routePolicies(api.app).filter(({ path }) => !path.startsWith('/flagger'))) {
      for (const authorization of [undefined, ...garbage]) {
        const status = await statusOf(route, authorization === undefined ? {} : { authorization });
        if ((status === 401) === (route.policy === 'public')) wrong.push(`${nameOf(route)} with ${authorization}: ${status}`);
      }
      for (const scope of scopes) {
        const status = await statusOf(route, { authorization: `Bearer ${api.tokens[scope]}` });
        const allowed = route.policy === 'public' || allows([scope], route.policy as Scope);
        if ((status === 403) === allowed || status === 401 || status >= 500) wrong.push(`${nameOf(route)} as ${scope}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('holds for HEAD as for GET', async () => {
    expect((await api.ask('/v1/runs', { method: 'HEAD' })).status).toBe(401);
    expect((await api.ask('/v1/runs', { method: 'HEAD', token: api.tokens.viewer ?? '' })).status).toBe(200);
  });

  it('is said with the problem', async () => {
    const unknown = await api.ask('/v1/runs');
    expect([unknown.status, unknown.body.code, unknown.headers.get('www-authenticate')]).toEqual([
      401,
      'ASSAY_UNAUTHORIZED',
      'Bearer realm="assay"',
    ]);
    const weak = await api.post('/v1/runs', {}, { token: api.tokens.viewer ?? '' });
    expect([weak.status, weak.body.code]).toEqual([403, 'ASSAY_FORBIDDEN']);
    expect(weak.body.detail).toBe('this needs the scope deployer; viewer has viewer');
    expect(weak.headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  it('comes before anything is read: a wrong body without a token is 401, not 400', async () => {
    expect((await api.post('/v1/runs', { nonsense: true })).status).toBe(401);
  });

  it('keeps the details of readiness for those who may read', async () => {
    const stranger = await api.ask('/readyz');
    const viewer = await api.ask('/readyz', { token: api.tokens.viewer ?? '' });
    expect([stranger.status, stranger.body.status, viewer.body.status]).toEqual([200, 'ready', 'ready']);
    expect(stranger.body.templateProblems).toEqual([]);
  });

  it('is written down with the name of the token', async () => {
    const run = { template: 'http-service', arguments: { service: 'a' }, baseline: '1', canary: '2' };
    const { body } = await api.post('/v1/runs', run, { token: api.tokens.deployer ?? '' });
    const cancelled = await api.post(`/v1/runs/${body.id}/cancel`, {}, { token: api.tokens.deployer ?? '' });
    expect(cancelled.body.verdict.reason).toContain('deployer');
  });

  it('leaves no token in the log', async () => {
    lines = [];
    const stranger = newToken('stranger', ['viewer'], randomBytes(32)).token;
    for (const token of [stranger, api.tokens.viewer ?? '']) {
      await api.ask('/v1/runs', { token });
      await api.ask(`/v1/runs?cursor=${token}`, { token });
    }
    const log = lines.join('');
    expect(lines.length).toBeGreaterThan(0);
    for (const token of [stranger, ...Object.values(api.tokens)]) expect(log).not.toContain(token.slice(-43));
  });

  it('cannot be timed: a token that begins right takes as long as one that does not', async () => {
    const known = api.tokens.viewer ?? '';
    const near = `${known.slice(0, -1)}${known.endsWith('A') ? 'B' : 'A'}`;
    const far = newToken('viewer', ['viewer'], randomBytes(32)).token;
    const times: Record<string, number[]> = { near: [], far: [] };
    for (let round = 0; round < 300; round++) {
      for (const [kind, token] of round % 2
        ? [['near', near] as const, ['far', far] as const]
        : [['far', far] as const, ['near', near] as const]) {
        const started = performance.now();
        await api.ask('/v1/runs', { token });
        if (round > 50) times[kind]?.push(performance.now() - started);
      }
    }
    expect(Math.abs(welch(times['near'] ?? [], times['far'] ?? []))).toBeLessThan(4.5);
  }, 120_000);
});

describe('a route that nobody thought about', () => {
  @Controller('forgotten')
  class ForgottenController {
    @Get()
    everything(): string {
      return 'open';
    }
  }

  @Module({ controllers: [ForgottenController] })
  class ForgottenModule {}

  it('keeps the server from starting', async () => {
    const module = await Test.createTestingModule({ imports: [ForgottenModule] }).compile();
    expect(() => assertEveryRouteHasPolicy(module)).toThrow('routes without @Scope or @Public: ForgottenController.everything');
  });
});

/** Welch's t over the middle of both samples: what the operating system does in the tails says nothing of us. */
function welch(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [a, b].map((times) => [...times].sort((p, q) => p - q).slice(0, Math.ceil(times.length * 0.8)));
  const [m, n] = [momentsOf(x ?? []), momentsOf(y ?? [])];
  return (m.mean - n.mean) / Math.sqrt(m.variance / m.count + n.variance / n.count);
}

function momentsOf(values: readonly number[]): { count: number; mean: number; variance: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) };
}
