import type { Template } from '../../src/domain/index.js';
import { parseTemplate } from '../../src/templates/index.js';
import { metricName } from './worlds/world.js';

/** What differs between the templates of the scenarios; everything else is as an author would leave it. */
export interface TemplateShape {
  readonly kind: 'errors' | 'latency' | 'gauge' | 'mean' | 'rate';
  readonly margin: { readonly relative: number; readonly absolute: number };
  /** instead of the margin: errors against an absolute bound */
  readonly limit?: number;
  /** of a latency metric */
  readonly percentile?: number;
  readonly metrics?: readonly string[];
  /** the baseline is what ran at the same time of so many earlier days */
  readonly references?: number;
  /** pods that differ anyhow take nothing off the evidence */
  readonly ignorePods?: boolean;
  /** promote at the first look that shows safety; otherwise only at the deadline, so that every harm is waited for */
  readonly promoteEarly?: boolean;
}

/** A template as the product reads it: written as YAML, parsed and checked. */
export function templateOf(shape: TemplateShape): Template {
  const { template, issues } = parseTemplate(yamlOf(shape), 'calibration');
  if (!template) throw new Error(issues.map(({ line, message }) => `line ${line}: ${message}`).join('; '));
  return template;
}

const of = 'of: { kind: server, service.name: shop }';

function yamlOf(shape: TemplateShape): string {
  const { metrics = [metricName], promoteEarly = false, references, ignorePods = false } = shape;
  const baseline = references === undefined ? '' : `, baseline: { before: 1d, references: ${references} }`;
  return `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: calibration }
spec:
  cohorts: { by: service.version, pod: k8s.pod.name${ignorePods ? ', podSpread: ignore' : ''}${baseline} }
  schedule: { window: 15s, warmup: 0s, minDuration: ${promoteEarly ? '0s' : '1h'}, minSamples: 1, deadline: 1h, onDeadline: hold }
  budget: { falseRollback: 0.01, falsePromote: 0.05 }
  metrics:
${metrics.map((name) => `    - name: ${name}\n      role: critical\n${kindOf(shape)}\n      ${toleranceOf(shape)}`).join('\n')}
`;
}

function toleranceOf({ kind, limit, margin }: TemplateShape): string {
  if (limit !== undefined) return `limit: ${limit}`;
  return `margin: { relative: ${margin.relative}, absolute: ${margin.absolute}${kind === 'latency' ? 's' : ''} }`;
}

function kindOf({ kind, percentile = 0.99 }: TemplateShape): string {
  switch (kind) {
    case 'errors':
      return `      source: traces\n      proportion: { events: { status: error }, ${of} }`;
    case 'latency':
      return `      source: traces\n      percentiles: { ${of}, at: ${percentile} }`;
    case 'gauge':
      return `      source: metrics\n      gauge: { of: { metric: process.cpu.utilization } }`;
    case 'mean':
      return `      source: metrics\n      unit: EUR\n      mean: { of: { metric: shop.order.value } }`;
    case 'rate':
      return `      source: metrics\n      rate: { events: { metric: shop.retries }, per: { metric: shop.work.time } }`;
  }
}
