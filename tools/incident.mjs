// Writes a recorded incident in a form that Assay, a Collector or Prometheus can read. See docs/incidents.md.
//   node tools/incident.mjs N01 [--as spans|points|openmetrics] [--start-at 2026-01-31T12:00:00Z] [--service shop] > FILE
import { parseArgs } from 'node:util';
import './read-typescript.mjs';

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

function fail(message) {
  process.stderr.write(`${message}\nusage: incident.mjs ID [--as ${Object.keys(writers).join('|')}] [--start-at TIME] [--service NAME]\n`);
  process.exit(64);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      as: { type: 'string', default: 'spans' },
      'start-at': { type: 'string', default: '2026-01-31T12:00:00Z' },
      service: { type: 'string', default: 'shop' },
    },
  });
  const startAt = Date.parse(values['start-at']);
  if (positionals.length !== 1) fail('name one incident');
  if (!Object.hasOwn(writers, values.as)) fail(`unknown form ${values.as}`);
  if (!Number.isFinite(startAt)) fail(`not a time: ${values['start-at']}`);
  const incident = loadIncident(positionals[0]);
  process.stdout.write(writers[values.as](incident, { startAt, service: values.service }));
  const end = new Date(startAt + incidentLengthMs(incident, everyMs)).toISOString();
  process.stderr.write(`${incident.id} (${incident.fault}): from ${new Date(startAt).toISOString()} to ${end}\n`);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
