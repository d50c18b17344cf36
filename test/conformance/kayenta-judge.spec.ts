import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, TestApi } from '../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
}, 60_000);
afterAll(() => api.stop());

const steady = Array.from({ length: 60 }, (_, i) => 100 + ((i * 7) % 11));
const higher = steady.map((value) => value * 1.5);
const none: number[] = [];

interface Asked {
  readonly groups?: readonly string[];
  readonly canary?: object;
  readonly control?: readonly unknown[];
  readonly experiment?: readonly unknown[];
}

/** What Kayenta's RemoteJudge sends: the config, the thresholds, and the points of each metric. */
function request(metrics: Readonly<Record<string, Asked>>, groupWeights: object = {}): object {
  return {
    canaryConfig: {
      metrics: Object.entries(metrics).map(([name, { groups = ['all'], canary = {} }]) => ({
        name,
        groups,
        query: { type: 'datadog' },
        analysisConfigurations: { canary },
      })),
      classifier: { groupWeights },
    },
    scoreThresholds: { pass: 95, marginal: 75 },
    metricSetPairList: Object.entries(metrics).map(([name, { control = steady, experiment = steady }]) => ({
      name,
      id: `id-${name}`,
      tags: { zone: 'a' },
      values: { control, experiment },
      scopes: { control: { stepMillis: 60_000 } },
      attributes: { control: { query: 'q' } },
    })),
  };
}

const judged = (metrics: Readonly<Record<string, Asked>>, weights?: object): Promise<Answer> =>
  api.post('/kayenta/judge', request(metrics, weights));

const increase = { canary: { direction: 'increase' }, experiment: higher } as const;

describe("K3: Kayenta's RemoteJudge", () => {
  it('gets a judgement with every field, of points that are numbers or "NaN"', async () => {
    const experiment = higher.map((value, i) => (i % 10 === 0 ? 'NaN' : value));
    const { status, body } = await judged({ errors: { ...increase, experiment }, latency: { control: none, experiment: none } });
    expect(status).toBe(200);
    expect(body).toEqual({
      judgeName: 'NetflixACAJudge-v1.0',
      score: { score: 0, classification: 'Fail', classificationReason: expect.stringContaining('from points') },
      groupScores: [{ name: 'all', score: 0, classification: '', classificationReason: '' }],
      results: [
        {
          id: 'id-errors',
          name: 'errors',
          tags: { zone: 'a' },
          groups: ['all'],
          classification: 'High',
          classificationReason: expect.stringContaining('not valid under peeking'),
          critical: false,
          muted: false,
          controlMetadata: { stats: expect.objectContaining({ count: 60, min: 100, max: 110 }) },
          experimentMetadata: { stats: expect.objectContaining({ count: 54 }) },
          resultMetadata: { ratio: expect.closeTo(1.5, 1) },
        },
        expect.objectContaining({ classification: 'Nodata', controlMetadata: { stats: { count: 0 } } }),
      ],
    });
  });

  it.each([
    ['nothing', {}, 'must be an object'],
    ['no pairs', { ...request({}), metricSetPairList: [] }, 'metricSetPairList is empty'],
    ['a metric that the config has not', { ...request({ a: {} }), canaryConfig: {} }, "the config has no metric 'a'"],
    ['a point that is no number', request({ a: { control: ['1'] } }), 'a list of numbers or "NaN"'],
  ])('is told what is wrong with %s', async (_, body, message) => {
    const answer = await api.post('/kayenta/judge', body);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('K4: the arithmetic of Kayenta', () => {
  const pass: Asked = {};
  const high: Asked = increase;
  const silent: Asked = { control: none, experiment: none };
  const inGroup = (metric: Asked, ...groups: string[]): Asked => ({ ...metric, groups });
  const with_ = (metric: Asked, canary: object): Asked => ({ ...metric, canary: { direction: 'increase', ...canary } });

  it.each<[string, Readonly<Record<string, Asked>>, object, number, string]>([
    ['all pass', { a: pass, b: pass }, {}, 100, 'Pass'],
    ['one of two in a group', { a: pass, b: high }, {}, 50, 'Fail'],
    ['one of three, rounded to two decimals', { a: pass, b: pass, c: high }, {}, 66.67, 'Fail'],
    ['weights of groups', { a: inGroup(high, 'x'), b: inGroup(pass, 'y') }, { x: 20, y: 80 }, 80, 'Marginal'],
    ['groups that share what is left', { a: inGroup(high, 'x'), b: inGroup(pass, 'y'), c: inGroup(pass, 'z') }, { y: 60 }, 80, 'Marginal'],
    ['a metric in two groups', { a: inGroup(high, 'x', 'y'), b: inGroup(pass, 'y') }, { x: 10, y: 90 }, 45, 'Fail'],
    ['a muted metric is dropped', { a: with_(high, { muted: true }), b: pass }, {}, 100, 'Pass'],
    ['a critical metric that is high', { a: with_(high, { critical: true }), b: inGroup(pass, 'y') }, { all: 1, y: 99 }, 0, 'Fail'],
    [
      'a critical metric below its critical change',
      { a: with_(high, { critical: true, effectSize: { criticalIncrease: 2 } }), b: pass },
      {},
      50,
      'Fail',
    ],
    ['a critical metric without data', { a: with_(silent, { critical: true }), b: pass, c: pass }, {}, 0, 'Fail'],
    ['a metric without data is left out', { a: silent, b: pass, c: pass }, {}, 100, 'Pass'],
    ['data that must be there', { a: with_(silent, { mustHaveData: true }), b: pass, c: pass }, {}, 66.67, 'Fail'],
    ['no data replaced by zero', { a: with_(silent, { nanStrategy: 'replace' }), b: pass }, {}, 100, 'Pass'],
    ['half of the metrics without data', { a: silent, b: pass }, {}, 0, 'Fail'],
    ['a group without any data counts in full', { a: inGroup(silent, 'x'), b: pass, c: pass }, { x: 50, all: 50 }, 100, 'Pass'],
    ['an increase that is allowed', { a: with_(high, { effectSize: { allowedIncrease: 1.6 } }) }, {}, 100, 'Pass'],
    ['the other direction', { a: { ...high, canary: { direction: 'decrease' } } }, {}, 100, 'Pass'],
  ])('%s', async (_, metrics, weights, score, classification) => {
    const { body } = await judged(metrics, weights);
    expect([body.message, body.score?.score, body.score?.classification]).toEqual([undefined, score, classification]);
  });
});
