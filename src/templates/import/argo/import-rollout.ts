import type { ForeignValue } from '../foreign-value.js';
import { accountForObject, type ForeignDocument, type ImportContext, nothingToDo } from '../import-context.js';

/** A Rollout has no metrics of its own: names the analyses it runs, its steps, and what is left with Argo. */
export function importRollout(document: ForeignDocument, { documents }: ImportContext): void {
  const { root } = document;
  accountForObject(document);
  const imported = new Set(
    documents.filter(({ kind }) => kind.endsWith('AnalysisTemplate')).map((each) => each.root.at('metadata', 'name')?.text),
  );
  for (const [key, strategy] of root.at('spec', 'strategy')?.entries() ?? []) {
    for (const [name, value] of strategy.entries()) {
      if (name === 'steps') for (const step of value.items()) accountForStep(step, imported);
      else if (/analysis$/i.test(name)) nameAnalysis(value, imported);
      else value.changed('left-with-argo', `'${name}' steers the ${key} rollout, which stays with Argo`, nothingToDo);
    }
  }
  const strategy = root.at('spec', 'strategy');
  if (strategy === null || !hasAnalysis(strategy))
    root.remark('change', {
      code: 'no-analysis',
      message: 'this Rollout runs no analysis',
      repair: 'give the AnalysisTemplates themselves',
    });
  for (const [key, value] of root.get('spec')?.entries() ?? [])
    if (key !== 'strategy') value.changed('left-with-argo', `'${key}' describes the workload, not the analysis`, nothingToDo);
}

/** Whether some step or the background runs an analysis. */
function hasAnalysis(value: ForeignValue): boolean {
  const inside = [...value.entries(), ...value.items().map((item): [string, ForeignValue] => ['', item])];
  return inside.some(([key, each]) => /analys[ei]s$/i.test(key) || hasAnalysis(each));
}

function accountForStep(step: ForeignValue, imported: ReadonlySet<string | undefined>): void {
  const [analysis, experiment, weight] = [step.get('analysis'), step.get('experiment'), step.get('setWeight')];
  if (analysis) nameAnalysis(analysis, imported);
  if (experiment) {
    for (const each of experiment.get('analyses')?.items() ?? []) nameAnalysis(each, imported);
    for (const [key, value] of experiment.entries())
      if (key !== 'analyses') value.changed('left-with-argo', `'${key}' of the experiment stays with Argo`, nothingToDo);
  }
  if (weight) {
    const share = (weight.number ?? 0) / 100;
    weight.changed(
      'step-weight',
      `'setWeight: ${weight.inWords}' stays with Argo`,
      `for a verdict in this step write 'phases: [{ weight: ${share} }, …]', and declare the weight of runs`,
    );
  }
  for (const [key, value] of step.entries())
    if (!['analysis', 'experiment', 'setWeight'].includes(key))
      value.changed('left-with-argo', `'${key}' steers the rollout, which stays with Argo`, nothingToDo);
}

/** Names the templates and the arguments of one analysis. */
function nameAnalysis(analysis: ForeignValue, imported: ReadonlySet<string | undefined>): void {
  const references = [...(analysis.get('templates')?.items() ?? []), ...(analysis.get('templateName') ? [analysis] : [])];
  for (const reference of references) {
    const field = reference.get('templateName');
    if (field === null) continue;
    if (imported.has(field.text)) field.moved(`the template '${field.text}'`);
    else field.undecided('template-not-here', `the AnalysisTemplate '${field.inWords}' is in none of these files`, 'import it, too');
  }
  for (const arg of analysis.get('args')?.items() ?? []) {
    const name = arg.get('name')?.text ?? '';
    const hash = arg.at('valueFrom', 'podTemplateHashValue')?.text;
    if (hash !== undefined)
      arg.changed(
        'cohort-by-run',
        `'${name}' is the hash of ${hash === 'Stable' ? 'the stable pods' : 'the new pods'}`,
        `pass it as ${hash === 'Stable' ? '--baseline' : '--canary'}`,
      );
    else arg.changed('argument-of-run', `Argo passes '${name}'`, `pass it with the run: --arg ${name}=…`);
  }
  for (const [key, value] of analysis.entries())
    if (!['templates', 'templateName', 'args'].includes(key))
      value.changed(
        'left-with-argo',
        `'${key}' says when Argo analyses`,
        'start the gate where Argo would: see docs/integrations/argo-rollouts.md',
      );
}
