import type { PushedSelection, Selection } from '../domain/index.js';
import type { Field, Fields } from './fields.js';
import type { MetricReading } from './metric-reading.js';
import { readMatchers } from './read-matchers.js';
import { type QueryForm, readQuery } from './read-query.js';
import { text } from './readers.js';
import { kindOf, pathOf } from './yaml-tree.js';

/** What a metric counts: matchers for pushed telemetry, a selector for Prometheus. Null, with a finding, where it is wrong. */
export function readSelection(field: Field, form: QueryForm, reading: MetricReading, among: Selection | null = null): Selection | null {
  const { node, path } = field;
  const { findings, source } = reading;
  if (source === 'prometheus') {
    if (node.kind === 'scalar') return readQuery(field, form, reading);
    const message = `source is prometheus, which is asked by a selector, and this is ${kindOf(node)}`;
    const repair = `write it as 'name{label="value"}', or say source: traces, source: metrics or source: logs`;
    findings.error({ code: 'matchers-for-prometheus', message, repair, path, at: node.at });
    return null;
  }
  if (node.kind === 'map') {
    return readPushed({ ...field, node }, reading, among?.type === 'pushed' ? among : null);
  }
  const message = `source is ${source}, which is asked by attributes, and this is ${kindOf(node)}`;
  const repair = `write ${examples[source]}, or say source: prometheus`;
  findings.error({ code: 'selector-for-pushed-source', message, repair, path, at: node.at });
  return null;
}

/** A selection that must be there; `null` with a finding otherwise. */
export function requireSelection(
  fields: Fields,
  key: string,
  form: QueryForm,
  reading: MetricReading,
  among: Selection | null = null,
): Selection | null {
  const field = fields.take(key);
  if (field !== null) return readSelection(field, form, reading, among);
  fields.missing(key, `${key}: ${examples[reading.source]}`);
  return null;
}

const examples = {
  traces: "{ kind: server, service.name: '…' }",
  metrics: '{ metric: name.of.instrument }',
  logs: "{ severity: error, service.name: '…' }",
  prometheus: 'requests_total{job="…"}',
};

/**
 * Pushed telemetry. Events are counted among what they are a part of: they inherit its instrument and its conditions,
 * unless they name another instrument.
 */
function readPushed(field: Field & { node: { kind: 'map' } }, reading: MetricReading, among: PushedSelection | null): PushedSelection {
  const map = field.node as Field['node'] & { kind: 'map' };
  const metrics = reading.source === 'metrics';
  const instrument = metrics ? readInstrument({ ...field, node: map }, reading, among) : null;
  const own = readMatchers(map, field.path, reading, metrics ? ['metric'] : []);
  if (!metrics && own.length === 0 && among === null && map.entries.size === 0) {
    const logs = reading.source === 'logs';
    const message = logs ? 'every log record is selected, of every service' : 'every span is selected, internal and client spans too';
    const repair = `name what is meant, as in ${logs ? "{ service.name: '…' }" : examples.traces}`;
    reading.findings.warning({ code: 'selects-everything', message, repair, path: field.path, at: map.at });
  }
  const inherited = among !== null && among.instrument === instrument ? among.matchers : [];
  const added = own.filter((matcher) => !inherited.some((other) => sameText(other, matcher)));
  return { type: 'pushed', instrument, matchers: [...inherited, ...added] };
}

function readInstrument(field: Field, { findings, use }: MetricReading, among: PushedSelection | null): string {
  const entry = field.node.kind === 'map' ? field.node.entries.get('metric') : undefined;
  if (entry === undefined) {
    if (among !== null) return among.instrument ?? '';
    const message = "source is metrics, and no instrument is named by 'metric'";
    const repair = 'add metric: name.of.instrument, such as http.server.request.duration';
    findings.error({ code: 'missing-key', message, repair, path: pathOf(field.path, 'metric'), at: field.keyAt });
    return '';
  }
  const named: Field = { node: entry.value, path: pathOf(field.path, 'metric'), keyAt: entry.keyAt };
  const name = text(255)(named, findings) ?? '';
  use.see(name, named);
  return name;
}

const sameText = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
