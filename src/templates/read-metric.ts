import type {
  HarmDirection,
  JudgeRule,
  Metric,
  NoDataCause,
  NoDataPolicies,
  NoDataPolicy,
  NumberFromArgument,
  Role,
  SourceKind,
} from '../domain/index.js';
import type { ArgumentUse } from './argument-use.js';
import { asFields, type Field, type Fields } from './fields.js';
import type { Findings } from './findings.js';
import { lintQueries } from './lint-queries.js';
import type { MetricReading } from './metric-reading.js';
import { type BoundReading, noMargin, readBound } from './read-bound.js';
import { readJudgedOnce } from './read-judged-once.js';
import { defaultUnit, kindNames, readKind } from './read-kind.js';
import { readSlices, type Slices } from './read-slices.js';
import { named, number, oneOf, text } from './readers.js';
import { printable } from './yaml-tree.js';

/** What all metrics of one template share. */
export interface TemplateReading {
  readonly findings: Findings;
  readonly use: ArgumentUse;
  readonly cohortAttribute: string;
  readonly judge: JudgeRule | undefined;
  readonly windowSeconds: number;
  /** how often Prometheus reads its targets */
  readonly scrapeSeconds: number;
  /** numbers that arguments fill in; added to here */
  readonly filled: NumberFromArgument[];
  /** by the name of the metric they are of; added to here */
  readonly slices: Map<string, Slices>;
}

const roles: readonly Role[] = ['critical', 'weighted', 'informational'];
const sources: readonly SourceKind[] = ['traces', 'metrics', 'logs', 'prometheus'];
const directions: readonly HarmDirection[] = ['increase', 'decrease', 'either'];
const policies: readonly NoDataPolicy[] = ['hold', 'ignore', 'fail'];
const causes: readonly NoDataCause[] = ['absent', 'stale', 'nan', 'zero'];

const metricName = named(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "name: letters, digits, '-', '_' and '.', at most 63");

/** One metric. Null, with findings, where its kind cannot be read; other mistakes leave it with defaults. */
export function readMetric(
  field: Field,
  { findings, use, cohortAttribute, judge, filled, slices, windowSeconds, scrapeSeconds }: TemplateReading,
): Metric | null {
  const fields = asFields(field, findings);
  if (fields === undefined) return null;
  const name = fields.required('name', metricName, '', 'name: error-rate');
  const title = readTitle(fields, use);
  const role = fields.optional('role', oneOf(roles), 'weighted');
  const weight = fields.optional('weight', number({ above: 0, max: 1000 }), 1);
  const source = readSource(fields);
  const harm = fields.optional('harm', oneOf(directions), 'increase');
  const ownUnit = fields.optional('unit', text(32), null);
  const cut = readSlices(fields.take('slices'), findings);
  if (cut !== null) slices.set(name, cut);
  const onNoData = readPolicies(fields.take('onNoData'), role, findings);
  const reading: MetricReading = { findings, use, source: source ?? 'traces', critical: role === 'critical', cohortAttribute, queries: [] };
  // without a source nobody knows how to read the kind, and every message about it would be a guess
  const kind = source === null ? null : readKind(fields, reading);
  if (kind === null) {
    for (const key of [...kindNames, 'margin', 'limit', 'kayenta', 'test']) fields.take(key);
    fields.done();
    return null;
  }
  const unit = ownUnit ?? defaultUnit(kind, reading);
  const isOptional = judge?.kind === 'kayenta';
  const bound: BoundReading = { metric: name, kind: kind.kind, unit, harm, findings, use, filled, isOptional };
  const limitAt = fields.placeOf('limit');
  const { margin, limit } = readBound(fields, bound);
  const judgedOnce = readJudgedOnce(fields, kind.kind, judge);
  if (limit !== null && hasNoLimitTest(kind.kind, harm) && judge === undefined) refuseLimit(kind.kind, fields, limitAt);
  lintQueries(reading, { kind: kind.kind, harm, ownUnit, limit, margin, windowSeconds, scrapeSeconds, places: fields });
  fields.done();
  return {
    name,
    title,
    role,
    weight,
    source: reading.source,
    harm,
    margin: limit === null ? (margin ?? noMargin) : null,
    limit,
    onNoData,
    unit,
    ...kind,
    ...judgedOnce,
  };
}

/** A mean, and a rate of which fewer is worse, can be compared with the baseline only. */
const hasNoLimitTest = (kind: Metric['kind'], harm: HarmDirection): boolean => kind === 'mean' || (kind === 'rate' && harm !== 'increase');

function refuseLimit(kind: Metric['kind'], fields: Fields, at: ReturnType<Fields['placeOf']>): void {
  const message = kind === 'mean' ? 'a mean cannot be held against a limit' : 'a rate can be held against a limit only where more is worse';
  const repair = 'give it a margin against the baseline, or measure percentiles or a proportion with a limit';
  fields.findings.error({ code: 'limit-not-judged', message, repair, path: `${fields.path}.limit`, at });
}

function readSource(fields: Fields): SourceKind | null {
  if (fields.has('source')) return fields.optional('source', oneOf(sources), null);
  fields.take('source');
  fields.missing('source', 'source: traces');
  return null;
}

function readTitle(fields: Fields, use: ArgumentUse): string | null {
  const field = fields.take('title');
  if (field === null) return null;
  const title = text(200)(field, fields.findings) ?? null;
  if (title !== null) use.see(title, field);
  return title;
}

/** `onNoData: hold`, or one policy for each cause. What is not said holds. */
function readPolicies(field: Field | null, role: Role, findings: Findings): NoDataPolicies {
  const held: NoDataPolicies = { absent: 'hold', stale: 'hold', nan: 'hold', zero: 'hold' };
  if (field === null) return held;
  const read = field.node.kind === 'map' ? readEachPolicy(field, held, findings) : readOnePolicy(field, held, findings);
  if (role === 'critical' && causes.some((cause) => read[cause] === 'ignore')) {
    const message = 'a critical metric without data is ignored: the release could be promoted without it';
    const repair = "write 'hold', or make the metric 'role: weighted'";
    findings.warning({ code: 'critical-ignores-no-data', message, repair, path: field.path, at: field.keyAt });
  }
  return read;
}

function readEachPolicy(field: Field, held: NoDataPolicies, findings: Findings): NoDataPolicies {
  const fields = asFields(field, findings);
  if (fields === undefined) return held;
  const each = Object.fromEntries(causes.map((cause) => [cause, fields.optional(cause, oneOf(policies), held[cause])]));
  fields.done();
  return { ...held, ...each };
}

function readOnePolicy(field: Field, held: NoDataPolicies, findings: Findings): NoDataPolicies {
  const policy = oneOf(policies)(field, findings);
  return policy === undefined ? held : { absent: policy, stale: policy, nan: policy, zero: policy };
}

/** Reports metrics that share a name. */
export function checkNames(metrics: readonly { name: string; field: Field }[], findings: Findings): void {
  const seen = new Set<string>();
  for (const { name, field } of metrics) {
    if (name !== '' && seen.has(name)) {
      const at = field.node.kind === 'map' ? (field.node.entries.get('name')?.value.at ?? field.node.at) : field.node.at;
      const message = `two metrics are named '${printable(name)}'`;
      findings.error({ code: 'duplicate-metric', message, repair: 'rename one of them', path: `${field.path}.name`, at });
    }
    seen.add(name);
  }
}
