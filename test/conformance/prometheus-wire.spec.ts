import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import type { PrometheusSettings } from '../../src/config/index.js';
import { type Metric, SourceUnavailableError } from '../../src/domain/index.js';
import { PrometheusSource } from '../../src/sources/index.js';
import { settingsFor } from '../support/prometheus.js';
import { byLabel, gauge, percentiles, proportion, windowsOf } from '../support/prometheus-metrics.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const base = 'http://prometheus.test:9090';
const signal = new AbortController().signal;
const start = Date.UTC(2024, 2, 1, 12);
const errors = proportion('errors_total', 'requests_total');

type Form = Record<string, string>;
type Value = number | string | { readonly count: string; readonly sum: string; readonly buckets?: unknown };
const series = (labels: Form, value: Value) =>
  typeof value === 'object' ? { metric: labels, histogram: [0, value] } : { metric: labels, value: [0, String(value)] };
const vector = (result: unknown[], more: object = {}) => ({ status: 'success', data: { resultType: 'vector', result }, ...more });
const matrix = (result: unknown[], more: object = {}) => ({ status: 'success', data: { resultType: 'matrix', result }, ...more });

function source(settings: Partial<PrometheusSettings> = {}, url = base): PrometheusSource {
  return new PrometheusSource(settingsFor(url, settings));
}

async function look(metrics: readonly Metric[], { of = source(), slice = 0, count = 1 } = {}) {
  const slices = windowsOf(start, slice + count).slice(slice);
  const request = { metrics, cohorts: byLabel('version', 'v1', 'v2'), by: 'version', pod: null, slices };
  return (await of.readWindows(request, signal)).measurements;
}

/** Answers instant queries by what is asked, when. */
function answering(answer: (form: Form, window: number) => unknown): Form[] {
  const asked: Form[] = [];
  nock(base)
    .persist()
    .post('/api/v1/query')
    .reply((_uri, body) => {
      const form = Object.fromEntries(new URLSearchParams(body as string));
      asked.push(form);
      return [200, answer(form, (Number(form['time']) * 1000 - start) / 15_000) as object];
    });
  return asked;
}

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});
afterAll(() => nock.restore()); // else the specs that this worker runs next speak through it: it never passes on a head of 16 KiB

describe('one look', () => {
  const both = (value: (version: string) => Value, labels: Form = {}) =>
    vector(['v1', 'v2'].map((version) => series({ version, ...labels }, value(version))));

  it('asks for both cohorts at once, and only for the edge that is new', async () => {
    const asked = answering(({ query }, edge) => both(() => (query?.startsWith('errors') ? edge : 10 * edge)));
    const of = source();
    await look([errors], { of });
    expect(asked).toHaveLength(4);
    expect(asked[0]).toMatchObject({ query: 'requests_total{version=~"v1|v2"}', limit: '10000', timeout: '10000ms' });
    const [[measured] = []] = await look([errors, { ...errors, name: 'again' }], { of, slice: 1 });
    expect(asked).toHaveLength(6);
    expect(measured).toEqual({
      metric: 'errors',
      baseline: { kind: 'counts', total: 10, events: 1, pods: { '': { total: 10, events: 1 } } },
      canary: { kind: 'counts', total: 10, events: 1, pods: { '': { total: 10, events: 1 } } },
      warnings: [],
    });
  });

  it('gives the same answer when the same window is read again, whatever the engine says by then', async () => {
    let late = 0;
    answering((_, edge) => both(() => 10 * edge + late));
    const of = source();
    const before = await look([errors], { of });
    late = 1000;
    expect(await look([errors], { of })).toEqual(before);
    const [[next] = []] = await look([errors], { of, slice: 1 });
    expect(next?.baseline).toMatchObject({ total: 1010 }); // late, counted once
  });

  it('takes up a series again where it was lost, not from zero', async () => {
    answering((_, edge) =>
      vector([...both(() => 10 * edge).data.result, ...(edge === 2 ? [] : [series({ version: 'v1', code: '500' }, 1_000_000 + edge)])]),
    );
    const of = source();
    for (const [slice, total] of [11, 10, 12].entries()) {
      const [[measured] = []] = await look([errors], { of, slice });
      expect(measured?.baseline).toMatchObject({ total });
    }
  });

  it.each([['NaN'], ['+Inf'], ['-Inf'], ['-1'], ['seven']])('never counts a value of %s', async (bad) => {
    answering((_, edge) => both((version) => (version === 'v2' && edge === 1 ? bad : 10 * edge)));
    const [[measured] = []] = await look([errors]);
    expect(measured?.canary).toMatchObject({ kind: 'gap', cause: 'nan' });
    expect(measured?.baseline).toMatchObject({ kind: 'counts', total: 10 });
  });

  it('makes a partial answer a gap, and tells a remark from a partial answer', async () => {
    answering(({ query }, edge) => ({
      ...both(() => 10 * edge),
      ...(query?.startsWith('errors') && edge === 1 ? { warnings: ['store-3 timed out'] } : { infos: ['not a counter?'] }),
    }));
    const [[measured, level] = []] = await look([errors, gauge('requests_total')]);
    expect(measured).toMatchObject({ baseline: { kind: 'gap', cause: 'unavailable' }, canary: { kind: 'gap', cause: 'unavailable' } });
    expect(measured?.warnings.join()).toContain('store-3 timed out');
    expect(level?.warnings).toEqual(['not a counter?']);
  });

  it('asks again for an edge that was partial', async () => {
    let healed = false;
    answering((_, edge) => both(() => 10 * edge).data && { ...both(() => 10 * edge), ...(healed ? {} : { warnings: ['partial'] }) });
    const of = source();
    await look([errors], { of });
    healed = true;
    const [[measured] = []] = await look([errors], { of });
    expect(measured?.baseline).toMatchObject({ total: 10 });
  });

  it('rounds increases down to whole numbers, cuts off surplus events, and says so', async () => {
    answering(({ query }, edge) => both(() => (query?.startsWith('errors') ? 12 * edge : 10.5 * edge)));
    const [[measured] = []] = await look([errors]);
    expect(measured?.baseline).toMatchObject({ total: 10, events: 10, pods: { '': { total: 10, events: 10 } } });
    expect(measured?.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining('rounded down'), expect.stringContaining('surplus')]),
    );
  });

  it('knows nothing of a new pod before its second edge', async () => {
    answering(({ query }, edge) =>
      vector([
        ...both(() => (query?.startsWith('errors') ? edge : 10 * edge), { pod: 'old' }).data.result,
        ...(edge >= 1 ? [series({ version: 'v2', pod: 'new' }, 500 + edge)] : []),
      ]),
    );
    const of = source();
    const [[first] = []] = await look([errors], { of });
    const [[second] = []] = await look([errors], { of, slice: 1 });
    expect(first?.canary).toMatchObject({ total: 10, events: 1, pods: { old: { total: 10, events: 1 } } });
    expect(second?.canary).toMatchObject({ total: 11, events: 2, pods: { new: { total: 1, events: 1 }, old: { total: 10, events: 1 } } });
  });

  it('reads native histograms bucket by bucket, over a restart and a change of resolution', async () => {
    const root = 2 ** 0.5; // schema 1
    const fine = (n: number): Value => ({
      count: String(6 * n),
      sum: '1',
      buckets: [
        [3, '-0.001', '0.001', String(n)],
        [0, '1', String(root), String(2 * n)],
        [0, String(root), '2', String(3 * n)],
      ],
    });
    const coarse: Value = {
      count: '20',
      sum: '9',
      buckets: [
        [3, '-0.001', '0.001', '3'],
        [0, '1', '2', '12'],
        [0, '4', '8', '5'],
      ],
    };
    answering((_, edge) => both(() => (edge === 0 ? fine(10) : edge === 1 ? fine(12) : edge === 2 ? fine(2) : coarse)));
    const of = source();
    const histograms = [];
    for (const slice of [0, 1, 2]) histograms.push((await look([percentiles('latency_seconds')], { of, slice }))[0]?.[0]?.canary);
    expect(histograms).toEqual([
      { kind: 'distribution', histogram: { kind: 'exponential', scale: 1, zeroCount: 2, offset: 0, counts: [4, 6] } },
      { kind: 'distribution', histogram: { kind: 'exponential', scale: 1, zeroCount: 2, offset: 0, counts: [4, 6] } },
      { kind: 'distribution', histogram: { kind: 'exponential', scale: 0, zeroCount: 1, offset: 0, counts: [2, 0, 5] } },
    ]);
  });

  it('says that percentiles need buckets when it is given a summary', async () => {
    answering(() => both(() => 0.2, { quantile: '0.99' }));
    const [[measured] = []] = await look([percentiles('latency_seconds')]);
    expect(measured?.baseline).toMatchObject({ kind: 'gap', cause: 'unavailable', detail: expect.stringContaining('not a histogram') });
  });

  it('does not compare classic with native buckets', async () => {
    answering(() =>
      vector([
        series({ version: 'v1', le: '+Inf' }, 1),
        series({ version: 'v2' }, { count: '1', sum: '1', buckets: [[0, '1', '2', '1']] }),
      ]),
    );
    const [[measured] = []] = await look([percentiles('latency_seconds')]);
    expect(measured?.canary).toMatchObject({ kind: 'gap', cause: 'unavailable' });
  });

  it('uses the bounds that all pods and both cohorts share', async () => {
    const bucket = (version: string, pod: string, le: string, n: number) => series({ version, pod, le }, n);
    answering((_, edge) =>
      vector([
        ...[
          ['0.1', 1],
          ['0.5', 2],
          ['+Inf', 4],
        ].map(([le, n]) => bucket('v1', 'a', String(le), Number(n) * edge)),
        ...[
          ['0.25', 1],
          ['0.5', 3],
          ['+Inf', 3],
        ].map(([le, n]) => bucket('v1', 'b', String(le), Number(n) * edge)),
        ...[
          ['0.50', 5],
          ['1', 6],
          ['+Inf', 7],
        ].map(([le, n]) => bucket('v2', 'c', String(le), Number(n) * edge)),
      ]),
    );
    const [[measured] = []] = await look([percentiles('latency_seconds')]);
    expect(measured?.baseline).toEqual({
      kind: 'distribution',
      histogram: { kind: 'explicit', bounds: [0.5], counts: [5, 2] },
      pods: { a: { total: 4, above: [2, 2] }, b: { total: 3, above: [0, 0] } },
    });
    expect(measured?.canary).toMatchObject({ kind: 'distribution', histogram: { kind: 'explicit', bounds: [0.5], counts: [5, 2] } });
    expect(measured?.warnings).toHaveLength(2);
  });
});

describe('the past', () => {
  /** Answers range queries point by point. */
  function range(value: (at: number) => string, more: (form: Form) => object = () => ({}), pad = 0): Form[] {
    const asked: Form[] = [];
    nock(base)
      .persist()
      .post('/api/v1/query_range')
      .reply((_uri, body) => {
        const form = Object.fromEntries(new URLSearchParams(body as string));
        asked.push(form);
        const points: unknown[] = [];
        for (let at = Number(form['start']); at <= Number(form['end']); at += Number(form['step'])) points.push([at, value(at)]);
        const answer = matrix(
          ['v1', 'v2'].map((version) => ({ metric: { version, pad: 'x'.repeat(pad * points.length) }, values: points })),
          more(form),
        );
        return [200, answer];
      });
    return asked;
  }

  it('takes few questions, none for more points than the engine gives', async () => {
    const asked = range((at) => String(at));
    const measured = await look([errors], { count: 12_000 });
    expect(asked.map(({ query, start: from, end }) => [query?.slice(0, 3), (Number(end) - Number(from)) / 15 + 1]).sort()).toEqual(
      [
        ['err', 11_000],
        ['err', 1_001],
        ['req', 11_000],
        ['req', 1_001],
      ].sort(),
    );
    expect(measured).toHaveLength(12_000);
    expect(measured.every(([one]) => one?.canary.kind === 'counts' && one.canary.total === 15)).toBe(true);
  });

  it('asks for less at a time where answers are larger than 8 MiB', async () => {
    const asked = range((at) => String(at), undefined, 100_000); // 200 kB a point
    const measured = await look([proportion('requests_total', 'requests_total')], { count: 63 });
    expect(measured.every(([one]) => one?.baseline.kind === 'counts' && one.baseline.total === 15)).toBe(true);
    expect(asked.length).toBeLessThan(5);
  });

  it('loses only the windows whose part of the answer was partial', async () => {
    range(
      (at) => String(at),
      ({ start: from }) => (Number(from) * 1000 === start ? { warnings: ['truncated'] } : {}),
    );
    const measured = await look([errors], { count: 11_010 });
    expect(measured.map(([one]) => one?.baseline.kind).lastIndexOf('gap')).toBe(10_999);
    expect(measured.at(11_000)?.[0]?.baseline).toMatchObject({ kind: 'counts', total: 15 });
  });

  it('does not trust an engine that answers for other moments', async () => {
    nock(base)
      .persist()
      .post('/api/v1/query_range')
      .reply(200, matrix([{ metric: { version: 'v1' }, values: [[start / 1000 + 7, '1']] }]));
    const measured = await look([errors], { count: 3 });
    expect(measured[0]?.[0]?.baseline).toMatchObject({
      kind: 'gap',
      cause: 'unavailable',
      detail: expect.stringContaining('other moments'),
    });
  });
});

describe('an engine in trouble', () => {
  const detail = async (of = source()): Promise<string> => {
    const [[measured] = []] = await look([errors], { of });
    expect(measured).toMatchObject({ baseline: { kind: 'gap', cause: 'unavailable' }, canary: { kind: 'gap', cause: 'unavailable' } });
    expect(measured?.warnings).toHaveLength(1);
    return measured?.warnings[0] ?? '';
  };
  const answer = (status: number, body: string | object, headers = {}) =>
    nock(base).persist().post('/api/v1/query').reply(status, body, headers);

  it.each<[string, number, string | object, string]>([
    [
      'a refused query',
      400,
      { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected )' },
      'refused the query: parse error: unexpected )',
    ],
    [
      'an execution error',
      422,
      { status: 'error', errorType: 'execution', error: 'too many samples' },
      'refused the query: too many samples',
    ],
    ['refused credentials', 401, 'go away', 'credentials (401)'],
    ['too many requests', 429, '', 'answered 429'],
    ['a broken engine', 500, { status: 'error', error: 'boom\u0007\nline' }, 'answered 500: boom line'],
    ['a gateway page', 502, '<html>bad gateway</html>', 'answered 502'],
    ['a login page', 200, '<html>log in</html>', 'not from a Prometheus-compatible'],
    ['an error that calls itself OK', 200, { status: 'error', error: 'late failure' }, 'refused the query: late failure'],
    ['a truncated body', 200, '{"status":"success","data":{"result', 'not from a Prometheus-compatible'],
    ['an empty body', 200, '', 'not from a Prometheus-compatible'],
    ['no list of series', 200, { status: 'success', data: { resultType: 'vector', result: null } }, 'no list of series'],
    ['series without labels', 200, { status: 'success', data: { resultType: 'vector', result: [null] } }, 'without labels'],
  ])('makes %s a gap that says why', async (_, status, body, words) => {
    answer(status, body);
    expect(await detail()).toContain(words);
  });

  it('does not follow a redirect', async () => {
    answer(302, '', { location: 'http://127.0.0.1:1/' });
    expect(await detail()).toContain('redirect (302)');
  });

  it('does not unpack a bomb', async () => {
    answer(200, gzipSync(Buffer.alloc(64 * 2 ** 20, 32)).toString('hex'), { 'content-encoding': 'gzip' });
    const before = process.memoryUsage().rss;
    nock.cleanAll();
    nock(base)
      .persist()
      .post('/api/v1/query')
      .reply(200, gzipSync(Buffer.alloc(64 * 2 ** 20, 32)), { 'content-encoding': 'gzip' });
    expect(await detail()).toContain('larger than 8 MiB');
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  it('does not take more than 10 000 series', async () => {
    answer(200, vector(Array.from({ length: 10_001 }, (_, i) => series({ version: 'v1', i: String(i) }, 1))));
    expect(await detail()).toContain('more than 10000 series');
  });

  it('asks once more after a gateway error, and not after an error of the engine', async () => {
    const gateway = nock(base).post('/api/v1/query').times(2).reply(503, '').post('/api/v1/query').times(2).reply(200, vector([]));
    const [[measured] = []] = await look([gauge('x'), gauge('y')]);
    expect(measured?.baseline).toMatchObject({ cause: 'absent' });
    expect(gateway.isDone()).toBe(true);
    const engine = nock(base).post('/api/v1/query').reply(500, '').post('/api/v1/query').reply(200, vector([]));
    const [[failed] = []] = await look([gauge('x')]);
    expect(failed?.baseline).toMatchObject({ cause: 'unavailable' });
    expect(engine.isDone()).toBe(false);
  });

  it('asks by GET where a proxy lets no POST through', async () => {
    nock(base).post('/api/v1/query').reply(405, '');
    const asked: URLSearchParams[] = [];
    nock(base)
      .persist()
      .get('/api/v1/query')
      .query((query) => asked.push(new URLSearchParams(query as Form)) > 0)
      .reply(200, vector([]));
    const of = source();
    await of.ping(signal);
    await of.ping(signal);
    expect(asked.map((query) => [query.get('query'), query.get('limit')])).toEqual([
      ['vector(1)', '10000'],
      ['vector(1)', '10000'],
    ]);
  });

  it('stops asking an engine that keeps failing', async () => {
    const scope = nock(base).persist().post('/api/v1/query').reply(500, '');
    let requests = 0;
    scope.on('request', () => {
      requests += 1;
    });
    const of = source();
    for (let slice = 0; slice < 10; slice++) await look([errors], { of, slice });
    expect(requests).toBeLessThanOrEqual(8);
    expect(await detail(of)).toContain('kept failing');
  });

  it('waits no longer than its time limit or the caller, also for a body that never ends', async () => {
    nock.enableNetConnect('127.0.0.1');
    const hanging: Server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"status":');
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => hanging.once('listening', listening));
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    expect(await detail(source({ timeoutMs: 150 }, url))).toContain('did not answer within 0.15 s');
    const slices = windowsOf(start, 1);
    const request = { metrics: [errors], cohorts: byLabel('version', 'v1', 'v2'), by: 'version', pod: null, slices };
    const { measurements } = await source({}, url).readWindows(request, AbortSignal.timeout(100));
    expect(measurements[0]?.[0]?.baseline).toMatchObject({ kind: 'gap', cause: 'unavailable' });
    hanging.closeAllConnections();
    await new Promise((closed) => hanging.close(closed));
  });

  it('says so when no Prometheus is configured', async () => {
    const none = new PrometheusSource({ ...settingsFor(base), prometheus: null });
    expect(await detail(none)).toContain('ASSAY_PROMETHEUS_URL');
    await expect(none.ping(signal)).rejects.toBeInstanceOf(SourceUnavailableError);
  });
});

describe('secrets', () => {
  const folder = temporaryFolder('secret');
  const secret = 'canary-7f3a-secret';

  it('are read anew for each request', async () => {
    const file = join(folder, 'token');
    const seen: (string | undefined)[] = [];
    nock(base)
      .persist()
      .post('/api/v1/query')
      .reply(function () {
        seen.push(String(this.req.headers['authorization']));
        return [200, vector([])];
      });
    const of = source({ bearerTokenRef: `file:${file}` });
    writeFileSync(file, 'one\n');
    await of.ping(signal);
    writeFileSync(file, 'two\n');
    await of.ping(signal);
    expect(seen).toEqual(['Bearer one', 'Bearer two']);
  });

  it('are sent as basic auth, with the other headers', async () => {
    process.env['ASSAY_SPEC_PASSWORD'] = secret;
    const scope = nock(base, { reqheaders: { 'x-scope-orgid': 'shop' } })
      .post('/api/v1/query')
      .basicAuth({ user: 'me', pass: secret })
      .reply(200, vector([]));
    await source({ basicAuth: { username: 'me', passwordRef: 'env:ASSAY_SPEC_PASSWORD' }, headers: { 'X-Scope-OrgID': 'shop' } }).ping(
      signal,
    );
    expect(scope.isDone()).toBe(true);
  });

  it.each<[string, () => void]>([
    [
      'refused connections',
      () =>
        nock(base)
          .persist()
          .post('/api/v1/query')
          .replyWithError(Object.assign(new Error('nope'), { code: 'ECONNREFUSED' })),
    ],
    ['refused queries', () => nock(base).persist().post('/api/v1/query').reply(400, { status: 'error', error: 'x' })],
    ['gateway errors', () => nock(base).persist().post('/api/v1/query').reply(502, '')],
    ['time-outs', () => nock(base).persist().post('/api/v1/query').delay(400).reply(200, '')],
  ])('are in no error after %s', async (_, prepare) => {
    process.env['ASSAY_SPEC_PASSWORD'] = secret;
    prepare();
    const of = source({ basicAuth: { username: 'me', passwordRef: 'env:ASSAY_SPEC_PASSWORD' }, timeoutMs: 150 });
    const error = await of.ping(signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    const { inspect } = await import('node:util');
    const everything = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(Buffer.from(`me:${secret}`).toString('base64'));
    expect((error as Error).cause).toBeUndefined();
  });

  it('that are missing or not one line are named, not shown', async () => {
    process.env['ASSAY_SPEC_PASSWORD'] = `${secret}\nsecond line`;
    for (const reference of ['env:ASSAY_SPEC_PASSWORD', 'env:ASSAY_SPEC_MISSING', 'file:/does/not/exist']) {
      const error = (await source({ bearerTokenRef: reference })
        .ping(signal)
        .catch((thrown: unknown) => thrown)) as Error;
      expect(error.message).toContain(reference);
      expect(error.message).not.toContain(secret);
    }
  });
});
