import type { GaugeMetric, MeanMetric, PercentilesMetric, ProportionMetric, RateMetric, Selection } from '../domain/index.js';
import { asFields, type Field, type Fields, lastKey, wrongType } from './fields.js';
import type { MetricReading } from './metric-reading.js';
import { seriesName } from './read-query.js';
import { readSelection, requireSelection } from './read-selection.js';
import { number, text } from './readers.js';

type KindOf<M> = M extends { kind: string } ? Pick<M, Extract<keyof M, 'kind' | 'events' | 'of' | 'per' | 'value' | 'at'>> : never;

/** The part of a metric that its kind brings. */
export type MetricKind = KindOf<ProportionMetric | PercentilesMetric | RateMetric | MeanMetric | GaugeMetric>;

export const kindNames = ['proportion', 'percentiles', 'rate', 'mean', 'gauge'] as const;

const kindsOfLogs: ReadonlySet<string> = new Set(['proportion', 'rate']);

const nothing: Selection = { type: 'query', query: '' };

type KindReader = (fields: Fields, reading: MetricReading) => MetricKind;

const kinds: Readonly<Record<(typeof kindNames)[number], KindReader>> = {
  proportion: (fields, reading) => {
    const of = requireSelection(fields, 'of', 'selector', reading);
    const events = requireSelection(fields, 'events', 'selector', reading, of);
    return { kind: 'proportion', events: events ?? nothing, of: of ?? nothing };
  },
  percentiles: (fields, reading) => {
    const of = requireSelection(fields, 'of', 'selector', reading) ?? nothing;
    return {
      kind: 'percentiles',
      of,
      value: readValue(fields, reading),
      at: fields.required('at', percentiles, [], 'at: [0.5, 0.95, 0.99]'),
    };
  },
  rate: (fields, reading) => {
    const events = requireSelection(fields, 'events', 'selector', reading) ?? nothing;
    const per = fields.take('per');
    const isSecond = per === null || (per.node.kind === 'scalar' && per.node.text === 'second');
    if (!isSecond && per.node.kind === 'scalar' && reading.source !== 'prometheus') {
      wrongType(
        per,
        reading.findings,
        "'second' or a selection",
        'write per: second, or what the events are counted against, as in { kind: consumer }',
      );
      return { kind: 'rate', events, per: 'second' };
    }
    return { kind: 'rate', events, per: isSecond ? 'second' : (readSelection(per, 'selector', reading) ?? nothing) };
  },
  mean: (fields, reading) => {
    const of = requireSelection(fields, 'of', 'selector', reading) ?? nothing;
    return { kind: 'mean', of, value: readValue(fields, reading) };
  },
  gauge: (fields, reading) => {
    const query = reading.source === 'prometheus' && fields.has('query') && !fields.has('of') ? 'query' : 'of';
    return { kind: 'gauge', of: requireSelection(fields, query, 'expression', reading) ?? nothing };
  },
};

/** The one kind a metric has: exactly one of proportion, percentiles, rate, mean and gauge. Null, with a finding, otherwise. */
export function readKind(fields: Fields, reading: MetricReading): MetricKind | null {
  const found = kindNames.flatMap((name) => {
    const field = fields.take(name);
    return field === null ? [] : [{ name, field }];
  });
  const [first, second] = found;
  if (first === undefined) {
    const message = 'the metric does not say what it measures';
    const repair = `add one of: ${kindNames.join(', ')}`;
    reading.findings.error({ code: 'no-kind', message, repair, path: fields.path, at: fields.at });
    return null;
  }
  if (second !== undefined) {
    const message = `the metric has two kinds: ${first.name} and ${second.name}`;
    const repair = 'write one metric for each';
    reading.findings.error({ code: 'several-kinds', message, repair, path: second.field.path, at: second.field.keyAt });
    return null;
  }
  if (reading.source === 'logs' && !kindsOfLogs.has(first.name)) {
    const message = `log records are counted, and have no ${first.name === 'gauge' ? 'level' : 'value'} for '${first.name}'`;
    const repair = "write proportion: { of: { service.name: '…' }, events: { severity: error } }, or a rate";
    reading.findings.error({ code: 'kind-not-of-logs', message, repair, path: first.field.path, at: first.field.keyAt });
    return null;
  }
  const inside = asFields(first.field, reading.findings);
  if (inside === undefined) return null;
  const kind = kinds[first.name](inside, reading);
  inside.done();
  return kind;
}

/** Seconds for durations and for names that say so; otherwise nobody knows. */
export function defaultUnit(kind: MetricKind, { source }: MetricReading): string {
  if (kind.kind === 'proportion') return 'ratio';
  if (kind.kind === 'rate') return '';
  if (source === 'traces') return 'value' in kind && kind.value === 'duration' ? 's' : '';
  const name = kind.of.type === 'query' ? seriesName(kind.of.query) : kind.of.instrument;
  return unitSuffixes.find(([suffix]) => suffix.test(name ?? ''))?.[1] ?? '';
}

const unitSuffixes: readonly (readonly [RegExp, string])[] = [
  [/[_.]seconds(_(bucket|sum|count|total))?$/, 's'],
  [/[_.](milliseconds|ms)(_(bucket|sum|count|total))?$/, 'ms'],
  [/[_.]bytes(_(bucket|sum|count|total))?$/, 'By'],
  [/[_.]ratio$/, 'ratio'],
];

/** The measured value of a span: its duration, or a numeric attribute. Instruments and series have no choice. */
function readValue(fields: Fields, { source, findings }: MetricReading): string {
  const field = fields.take('value');
  const value = field === null ? 'duration' : (text(256)(field, findings) ?? 'duration');
  if (field !== null && value.includes('${')) {
    const message = 'an argument cannot name the attribute that is measured: it must be known before the telemetry comes';
    findings.error({ code: 'argument-not-allowed', message, repair: 'write the attribute out', path: field.path, at: field.node.at });
  }
  if (field !== null && source !== 'traces') {
    const message = `'value' means nothing for source ${source}: the values are those of the histogram`;
    findings.warning({ code: 'ignored-key', message, repair: "remove 'value'", path: field.path, at: field.keyAt });
    return 'duration';
  }
  return value;
}

/** One percentile or a list of them, as shares: 0.99, not 99 and not p99. */
function percentiles(field: Field, findings: Parameters<typeof asFields>[1]): readonly number[] | undefined {
  const { node, path, keyAt } = field;
  const items =
    node.kind === 'list' ? node.items.map((item, index) => ({ node: item, path: `${path}[${index}]`, keyAt: item.at })) : [field];
  if (items.length === 0 || items.length > 10) {
    const repair = 'write at: [0.5, 0.95, 0.99]';
    findings.error({ code: 'out-of-range', message: `'at' has ${items.length} percentiles; 1 to 10 are read`, repair, path, at: keyAt });
    return undefined;
  }
  const values = items.map((item) => percentile(item, findings));
  if (values.some((value) => value === undefined)) return undefined;
  const known = values as number[];
  const wrong = known.findIndex((value, index) => index > 0 && value <= (known[index - 1] ?? 0));
  if (wrong < 0) return known;
  const sorted = [...new Set(known)].sort((a, b) => a - b);
  const at = items[wrong]?.node.at ?? keyAt;
  const message = `'${lastKey(path)}' must ascend, and ${known[wrong]} comes after ${known[wrong - 1]}`;
  findings.error({ code: 'percentiles-not-ascending', message, repair: `write [${sorted.join(', ')}]`, path, at });
  return undefined;
}

function percentile(field: Field, findings: Parameters<typeof asFields>[1]): number | undefined {
  const { node, path } = field;
  const written = node.kind === 'scalar' ? /^p?(\d{1,3}(?:\.\d+)?)%?$/i.exec(node.text)?.[1] : undefined;
  if (written !== undefined && Number(written) > 1 && Number(written) < 100) {
    const message = `a percentile is a share between 0 and 1, and is written as ${node.kind === 'scalar' ? node.text : ''}`;
    const repair = `write ${Number((Number(written) / 100).toPrecision(12))}`;
    findings.error({ code: 'out-of-range', message, repair, path, at: node.at });
    return undefined;
  }
  return number({ above: 0, below: 1 })(field, findings);
}
