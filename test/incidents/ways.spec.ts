import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IncidentServer, startIncidentServer } from '../support/incident-server.js';
import { type PrometheusServer, startPrometheus } from '../support/prometheus.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';
import { countedIncidents, tracedIncidents } from './incident-table.js';
import { openMetrics } from './openmetrics.js';
import { byHistory, byPush, byReplay, type FinalVerdict, templates, windowMs } from './ways.js';

const usesPrometheus =
  process.env['ASSAY_REQUIRE_SERVERS'] === '1' ||
  ['prometheus', 'promtool'].every((program) => spawnSync(program, ['--version']).status === 0);
if (!hasIncidentData) sayIncidentDataIsMissing('verdicts on recorded incidents');
else if (!usesPrometheus) {
  process.stdout.write('skipped: recorded incidents from Prometheus history (prometheus and promtool are not installed)\n');
}
const describeIncidents = hasIncidentData ? describe : describe.skip;

const historyStart = Date.UTC(2022, 7, 23, 12);
const rows = [...tracedIncidents, ...countedIncidents];
const pushed = ['OTLP JSON', 'OTLP protobuf', 'OTLP metrics, cumulative', 'OTLP metrics, delta'];
const ways = ['replay', ...pushed, ...(usesPrometheus ? ['Prometheus history'] : [])];

describeIncidents('a recorded incident', () => {
  const verdicts = new Map<string, FinalVerdict>();
  const running: { server?: IncidentServer; prometheus?: PrometheusServer } = {};

  beforeAll(async () => {
    const incidents = rows.map(({ id, template }) => ({ incident: loadIncident(id), template }));
    const history = openMetrics(
      incidents.map(({ incident }) => incident),
      { startAt: historyStart, everyMs: windowMs },
    );
    if (usesPrometheus) running.prometheus = await startPrometheus({ openMetrics: history });
    const pulled = running.prometheus && { ASSAY_PROMETHEUS_URL: running.prometheus.url, ASSAY_PROMETHEUS_SCRAPE_INTERVAL: '5s' };
    const server = await startIncidentServer({ ASSAY_TEMPLATES: templates, ...pulled });
    running.server = server;

    const keep = async (way: string, id: string, verdict: Promise<FinalVerdict>) => verdicts.set(`${way} ${id}`, await verdict);
    const queue = [...incidents];
    const replayInTurn = async () => {
      for (let next = queue.shift(); next; next = queue.shift())
        await keep('replay', next.incident.id, byReplay(next.incident, next.template));
    };
    await Promise.all([
      replayInTurn(),
      ...incidents.flatMap(({ incident, template }) => [
        keep('OTLP JSON', incident.id, byPush(server, incident, { template, as: 'json' })),
        keep('OTLP protobuf', incident.id, byPush(server, incident, { template, as: 'protobuf' })),
        keep('OTLP metrics, cumulative', incident.id, byPush(server, incident, { template: `${template}-metrics`, as: 'cumulative' })),
        keep('OTLP metrics, delta', incident.id, byPush(server, incident, { template: `${template}-metrics`, as: 'delta' })),
        ...(usesPrometheus
          ? [keep('Prometheus history', incident.id, byHistory(server, incident, `${template}-prometheus`, historyStart))]
          : []),
      ]),
    ]);
  }, 300_000);

  afterAll(async () => {
    await running.server?.stop();
    await running.prometheus?.stop();
  }, 120_000);

  describe.each(ways)('by %s', (way) => {
    it.each(rows)('$id ($fault) gets a verdict that is right', ({ id, accept }) => {
      const { decision, reason } = verdicts.get(`${way} ${id}`) ?? { decision: 'none', reason: 'no answer' };

      expect(accept.map((right) => `${right}: ${reason}`)).toContain(`${decision}: ${reason}`);
    });
  });

  it.each(rows)('$id gets the same verdict by every way in', ({ id }) => {
    const decisions = Object.fromEntries(ways.map((way) => [way, verdicts.get(`${way} ${id}`)?.decision]));

    expect(decisions).toEqual(Object.fromEntries(ways.map((way) => [way, decisions['replay']])));
  });
});
