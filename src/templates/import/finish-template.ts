import { parseTemplate } from '../parse-template.js';
import { argumentsOf, type DeclaredArgument } from './foreign-arguments.js';
import type { LeftMetric, MetricDraft, TemplateDraft } from './native-draft.js';
import { writeTemplate } from './write-template.js';

/** A template that loads. */
export interface ImportedTemplate {
  readonly name: string;
  /** the file it came from */
  readonly file: string;
  readonly text: string;
}

type Unfinished = Omit<TemplateDraft, 'arguments'> & { readonly declared: readonly DeclaredArgument[] };

/**
 * Writes a template and reads it as Assay will. A metric that would be refused becomes a comment, with the reason, until the
 * rest loads.
 *
 * @returns null where nothing is left
 */
export function finishTemplate(unfinished: Unfinished): ImportedTemplate | null {
  let { metrics, left } = unfinished;
  for (;;) {
    if (metrics.length === 0) return refuse(unfinished, null);
    metrics = withCritical(metrics.slice(0, 50));
    const draft: TemplateDraft = { ...unfinished, metrics, left, arguments: argumentsOf(metrics, unfinished.declared) };
    const text = writeTemplate(draft);
    const errors = parseTemplate(text).issues.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) {
      accountForArguments(unfinished.declared, draft);
      return { name: draft.name, file: unfinished.from.ledger.place.file, text };
    }
    const refused = metrics.map((_, index) => errors.find(({ path }) => isInside(path, `spec.metrics[${index}]`)));
    if (!refused.some((error) => error !== undefined)) return refuse(unfinished, errors[0]?.message ?? null);
    const [kept, dropped]: [MetricDraft[], LeftMetric[]] = [[], []];
    for (const [index, metric] of metrics.entries()) {
      const error = refused[index];
      if (error === undefined) kept.push(metric);
      else dropped.push(leaveDraft(metric, error.message, error.repair));
    }
    metrics = kept;
    left = [...left, ...dropped];
  }
}

const isInside = (path: string, whole: string): boolean => path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);

function leaveDraft({ name, kind, from }: MetricDraft, message: string, repair: string): LeftMetric {
  const remark = { code: 'metric-left', message: `'${name}' is not in the template: ${message}`, repair };
  from.remark('decide', remark);
  return { name, why: message, query: JSON.stringify(kind) };
}

/** Without one everything could be missing. The first that decides is as good as any, and the tools know no such rank. */
function withCritical(metrics: readonly MetricDraft[]): readonly MetricDraft[] {
  if (metrics.some(({ role }) => role === 'critical')) return metrics;
  const first = Math.max(
    0,
    metrics.findIndex(({ role }) => role === 'weighted'),
  );
  metrics[first]?.from.remark('change', {
    code: 'made-critical',
    message: `'${metrics[first]?.name}' is 'role: critical' now: without one a release could be promoted although nothing was measured`,
    repair: 'give the role to the metric that must never be missing',
  });
  return metrics.map((metric, index) => (index === first ? { ...metric, role: 'critical', onNoData: null } : metric));
}

function accountForArguments(declared: readonly DeclaredArgument[], draft: TemplateDraft): void {
  for (const { name, from } of declared) {
    if (draft.arguments.some((each) => each.name === name)) from.moved(`spec.arguments.${name}`);
    else
      from.changed(
        'argument-not-needed',
        `nothing in the template needs '${name}'`,
        'a run names its cohorts itself; leave it out where runs are started',
      );
  }
}

function refuse({ from, name }: Unfinished, why: string | null): null {
  from.ledger.withdraw(from.path);
  from.remark('decide', {
    code: 'no-template',
    message:
      why === null
        ? `no metric of '${name}' can be moved, so there is no template of it`
        : `'${name}' cannot be written as a template: ${why}`,
    repair: 'the list says why; begin with a template of analysis-templates/',
  });
  return null;
}
