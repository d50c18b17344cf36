// Writes a recorded incident in a form that Assay, a Collector or Prometheus can read. See docs/incidents.md.
//   node tools/incident.mjs N01 [--as spans|points|openmetrics] [--start-at 2026-01-31T12:00:00Z] [--service shop] > FILE
import './read-typescript.mjs';
import { badUsage, toolOptions } from './tool-options.mjs';

const { incidentLengthMs } = await import('../test/incidents/incident.ts');
const { loadIncident } = await import('../test/incidents/incident-data.ts');
const { openMetrics } = await import('../test/incidents/openmetrics.ts');
const { otlpPoints } = await import('../test/incidents/otlp-points.ts');
const { otlpJsonLines } = await import('../test/incidents/otlp-request.ts');
const { otlpSpans } = await import('../test/incidents/otlp-spans.ts');

process.stdout.on('error', () => process.exit(0)); // the reader has seen enough

const everyMs = 5000;
const writers = {
  spans: (incident, options) => otlpJsonLines(otlpSpans(incident, options)),
  points: (incident, options) => otlpJsonLines(otlpPoints(incident, { ...options, everyMs, temporality: 'cumulative' })),
  openmetrics: (incident, { startAt }) => openMetrics([incident], { startAt, everyMs }),
};

const usage = `usage: node tools/incident.mjs ID [options] > FILE

  --as ${Object.keys(writers).join('|')}   (default: spans)
  --start-at TIME   when the incident begins (default: 2026-01-31T12:00:00Z)
  --service NAME    (default: shop)
  --help

IDs: see docs/incidents.md. Exit code: 0 written, 64 bad usage.
`;
const { values, positionals } = toolOptions(usage, {
  allowPositionals: true,
  options: {
    as: { type: 'string', default: 'spans' },
    'start-at': { type: 'string', default: '2026-01-31T12:00:00Z' },
    service: { type: 'string', default: 'shop' },
  },
});
const startAt = Date.parse(values['start-at']);
if (positionals.length !== 1) badUsage(usage, 'name one incident');
if (!Object.hasOwn(writers, values.as)) badUsage(usage, `unknown form ${values.as}`);
if (!Number.isFinite(startAt)) badUsage(usage, `not a time: ${values['start-at']}`);

try {
  const incident = loadIncident(positionals[0]);
  process.stdout.write(writers[values.as](incident, { startAt, service: values.service }));
  const end = new Date(startAt + incidentLengthMs(incident, everyMs)).toISOString();
  process.stderr.write(`${incident.id} (${incident.fault}): from ${new Date(startAt).toISOString()} to ${end}\n`);
} catch (error) {
  badUsage(usage, error instanceof Error ? error.message : String(error));
}
