import type { Margin, Metric, Phase } from '../domain/index.js';
import type { ArgumentUse } from './argument-use.js';
import { suggestion } from './did-you-mean.js';
import { asFields, asList, type Field, type Fields } from './fields.js';
import type { Findings } from './findings.js';
import { readMargin } from './read-bound.js';
import { ratio } from './readers.js';
import { pathOf, printable, type YamlMap } from './yaml-tree.js';

const mostPhases = 50;

/** Declared canary weights in ascending order, each with the looser margins that hold under it. */
export function readPhases(field: Field, metrics: readonly Metric[], use: ArgumentUse, findings: Findings): readonly Phase[] {
  const items = asList(field, findings) ?? [];
  if (items.length > mostPhases) {
    const message = `there are ${items.length} phases; at most ${mostPhases} are read`;
    findings.error({ code: 'too-long', message, repair: 'write one phase for each declared weight', path: field.path, at: field.keyAt });
    return [];
  }
  let last = 0;
  return items.flatMap((item) => {
    const fields = asFields(item, findings);
    if (fields === undefined) return [];
    const weight = fields.required('weight', ratio({ above: 0, max: 1 }), Number.NaN, 'weight: 0.05');
    if (weight <= last) {
      const message = `a phase of weight ${weight} comes after one of weight ${last}`;
      const repair = 'order the phases by weight, each heavier than the one before';
      findings.error({ code: 'phases-not-ascending', message, repair, path: `${item.path}.weight`, at: valueAt(item, 'weight') });
    }
    last = Number.isNaN(weight) ? last : weight;
    const margins = readPhaseMargins(fields, metrics, use);
    fields.done();
    return [{ weight, margins }];
  });
}

function readPhaseMargins(fields: Fields, metrics: readonly Metric[], use: ArgumentUse): Record<string, Margin> {
  const field = fields.take('margins');
  if (field === null || asFields(field, fields.findings) === undefined) return {};
  const margins = [...(field.node as YamlMap).entries.values()].flatMap(({ key, keyAt, value }): [string, Margin][] => {
    const metric = metrics.find(({ name }) => name === key);
    const own: Field = { node: value, path: pathOf(field.path, key), keyAt };
    if (metric === undefined) {
      const repair = suggestion(
        key,
        metrics.map(({ name }) => name),
      );
      const message = `no metric is named '${printable(key)}'`;
      fields.findings.error({ code: 'unknown-metric', message, repair, path: own.path, at: keyAt });
      return [];
    }
    const margin = readPhaseMargin(metric, own, fields.findings, use);
    return margin === null ? [] : [[key, margin]];
  });
  return Object.fromEntries(margins);
}

function readPhaseMargin(metric: Metric, field: Field, findings: Findings, use: ArgumentUse): Margin | null {
  if (metric.margin === null) {
    const message = `'${metric.name}' has a limit, which holds in every phase`;
    findings.error({ code: 'margin-and-limit', message, repair: 'remove it', path: field.path, at: field.keyAt });
    return null;
  }
  const { name, kind, unit, harm } = metric;
  const filled: never[] = [];
  const margin = readMargin(field, { metric: name, kind, unit, harm, findings, use, filled });
  if (filled.length > 0) {
    const repair = "write the number; arguments may stand in the metric's own margin";
    findings.error({
      code: 'argument-not-allowed',
      message: 'an argument cannot fill in the margin of a phase',
      repair,
      path: field.path,
      at: field.keyAt,
    });
  }
  if (margin !== null && (margin.relative < metric.margin.relative || margin.absolute < metric.margin.absolute)) {
    const message = `the margin of this phase is tighter than that of '${name}' itself`;
    const repair = 'loosen it: a light canary has seen little, and its own margin holds at the end';
    findings.warning({ code: 'phase-margin-tighter', message, repair, path: field.path, at: field.keyAt });
  }
  return margin;
}

const valueAt = ({ node }: Field, key: string): Field['keyAt'] =>
  (node.kind === 'map' ? node.entries.get(key)?.value.at : undefined) ?? node.at;
