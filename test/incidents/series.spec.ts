import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IncidentServer, startIncidentServer } from '../support/incident-server.js';
import { type PrometheusServer, startPrometheus, writeOpenMetrics } from '../support/prometheus.js';
import { hasSeriesData, sayRecordedSeriesAreMissing } from './series-data.js';
import { keptSeries, pushedSeries, rowsBefore, sideBySide, withEarlier } from './series-feed.js';
import { earlierCases, seriesCases } from './series-table.js';
import { askOver, type FinalVerdict, push, templates, windowMs } from './ways.js';

const usesPrometheus =
  process.env['ASSAY_REQUIRE_SERVERS'] === '1' ||
  ['prometheus', 'promtool'].every((program) => spawnSync(program, ['--version']).status === 0);
if (!hasSeriesData) sayRecordedSeriesAreMissing('verdicts on recorded series');
else if (!usesPrometheus)
  process.stdout.write('skipped: recorded series from Prometheus history (prometheus and promtool are not installed)\n');
const describeSeries = hasSeriesData ? describe : describe.skip;
const describeHistory = usesPrometheus ? describe : describe.skip;

const sideBySideAt = { startAt: Date.UTC(2022, 7, 23, 12), rowMs: windowMs };

const beforeMs = rowsBefore * windowMs;
const earlierAt = { startAt: Date.UTC(2022, 7, 23, 12), rowMs: 1_800_000 };

describeSeries('a recorded series', () => {
  const verdicts = new Map<string, FinalVerdict>();
  const running: { server?: IncidentServer; prometheus?: PrometheusServer } = {};

  beforeAll(async () => {
    const history = [
      ...seriesCases.flatMap((each) => keptSeries(each.id, sideBySide(each), each.as, sideBySideAt)),
      ...earlierCases.flatMap((each) => keptSeries(each.id, withEarlier(each), 'counter', earlierAt)),
    ];
    if (usesPrometheus) running.prometheus = await startPrometheus({ openMetrics: writeOpenMetrics(history) });
    const pulled = running.prometheus && { ASSAY_PROMETHEUS_URL: running.prometheus.url, ASSAY_PROMETHEUS_SCRAPE_INTERVAL: '5s' };
    const server = await startIncidentServer({ ASSAY_TEMPLATES: templates, ASSAY_OTLP_MAX_AGE: '1d', ...pulled });
    running.server = server;

    const pushedAt = { startAt: Math.floor((Date.now() - 1_800_000) / 60_000) * 60_000, rowMs: windowMs };
    for (const each of seriesCases)
      for (const request of pushedSeries(sideBySide(each), each.as, each.id, pushedAt)) await push(server, '/v1/metrics', request, 'json');

    await Promise.all([
      ...seriesCases.map(async (each) => {
        const stretch = { startAt: pushedAt.startAt, lengthMs: sideBySide(each).rows * windowMs };
        const asked = { template: `t-${each.as}-metrics`, arguments: { service: each.id } };
        await askOver(server, asked, { startAt: pushedAt.startAt - beforeMs, lengthMs: beforeMs }); // judged, so closed: a run knows what came before it
        verdicts.set(`pushed ${each.id}`, await askOver(server, asked, stretch));
      }),
      ...(usesPrometheus ? seriesCases : []).map(async (each) => {
        const stretch = { startAt: sideBySideAt.startAt, lengthMs: sideBySide(each).rows * windowMs };
        const asked = { template: `t-${each.as}-prometheus`, arguments: { series: each.id } };
        verdicts.set(`Prometheus ${each.id}`, await askOver(server, asked, stretch));
      }),
      ...(usesPrometheus ? earlierCases : []).map(async (each) => {
        const stretch = { startAt: earlierAt.startAt, lengthMs: withEarlier(each).rows * earlierAt.rowMs };
        verdicts.set(`Prometheus ${each.id}`, await askOver(server, { template: each.template, arguments: { series: each.id } }, stretch));
      }),
    ]);
  }, 120_000);

  afterAll(async () => {
    await running.server?.stop();
    await running.prometheus?.stop();
  }, 60_000);

  const expectRight = (way: string, { id, accept }: { id: string; accept: readonly string[] }): void => {
    const { decision, reason } = verdicts.get(`${way} ${id}`) ?? { decision: 'none', reason: 'no answer' };
    expect(accept.map((right) => `${right}: ${reason}`)).toContain(`${decision}: ${reason}`);
  };

  describe('pushed over OTLP', () => {
    it.each(seriesCases)('$id gets a verdict that is right', (each) => expectRight('pushed', each));
  });

  describeHistory('kept by Prometheus', () => {
    it.each(seriesCases)('$id gets a verdict that is right', (each) => expectRight('Prometheus', each));
    it.each(seriesCases)('$id gets the verdict that it gets pushed', ({ id }) => {
      expect(verdicts.get(`Prometheus ${id}`)?.decision).toBe(verdicts.get(`pushed ${id}`)?.decision);
    });
    it.each(earlierCases)('$id is compared with what the same hours were like', (each) => expectRight('Prometheus', each));
  });
});
