import type { Template } from '../../src/domain/index.js';
import { parseTemplate } from '../../src/templates/index.js';
import { metricName } from './world.js';

/** What differs between the templates of the scenarios; everything else is as an author would leave it. */
export interface TemplateShape {
  readonly kind: 'errors' | 'latency' | 'gauge';
  readonly margin: { readonly relative: number; readonly absolute: number };
  /** of a latency metric */
  readonly percentile?: number;
  readonly metrics?: readonly string[];
  readonly windowSeconds?: number;
  readonly deadlineSeconds?: number;
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
  const { margin, metrics = [metricName], windowSeconds = 15, deadlineSeconds = 3600, promoteEarly = false } = shape;
  const minDuration = promoteEarly ? 0 : deadlineSeconds;
  const unit = shape.kind === 'latency' ? 's' : '';
  return `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: calibration }
spec:
  cohorts: { by: service.version, pod: k8s.pod.name }
  schedule: { window: ${windowSeconds}s, warmup: 0s, minDuration: ${minDuration}s, minSamples: 1, deadline: ${deadlineSeconds}s, onDeadline: hold }
  budget: { falseRollback: 0.01, falsePromote: 0.05 }
  metrics:
${metrics.map((name) => `    - name: ${name}\n      role: critical\n${kindOf(shape)}\n      margin: { relative: ${margin.relative}, absolute: ${margin.absolute}${unit} }`).join('\n')}
`;
}

function kindOf({ kind, percentile = 0.99 }: TemplateShape): string {
  switch (kind) {
    case 'errors':
      return `      source: traces\n      proportion: { events: { status: error }, ${of} }`;
    case 'latency':
      return `      source: traces\n      percentiles: { ${of}, at: ${percentile} }`;
    case 'gauge':
      return `      source: metrics\n      gauge: { of: { metric: process.cpu.utilization } }`;
  }
}
