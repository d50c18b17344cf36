import type { ForeignValue } from '../foreign-value.js';
import { type ImportContext, nothingToDo } from '../import-context.js';

const known = [
  'address',
  'application',
  'canaryConfigName',
  'metricsAccountName',
  'configurationAccountName',
  'storageAccountName',
  'threshold',
  'scopes',
];

/** Metrics that Argo asks Kayenta about: what they measure stands in a canary config, which is imported by itself. */
export function kayentaElsewhere(providers: readonly ForeignValue[], context: ImportContext): void {
  for (const provider of providers) {
    const config = provider.get('canaryConfigName')?.text ?? '';
    const isHere = hasConfig(provider, context);
    for (const [key, value] of provider.entries()) accountFor(key, value);
    provider.remark(isHere ? 'change' : 'decide', {
      code: 'kayenta-elsewhere',
      message: `what is measured stands in the canary config '${config}'`,
      repair: isHere
        ? 'its template is in this import; or keep this AnalysisTemplate and write the address of Assay into it: see docs/integrations/kayenta.md'
        : 'import that config too; or keep this AnalysisTemplate and write the address of Assay into it: see docs/integrations/kayenta.md',
    });
  }
}

/** The canary config is in this import. */
export const hasConfig = (provider: ForeignValue, { documents }: ImportContext): boolean =>
  documents.some(({ kind, root }) => kind === 'canary-config' && root.get('name')?.text === provider.get('canaryConfigName')?.text);

function accountFor(key: string, value: ForeignValue): void {
  if (key === 'threshold')
    value.changed(
      'threshold-elsewhere',
      'pass and marginal of the score',
      "they are 'judge: { kind: kayenta, pass, marginal }' in the template of the canary config",
    );
  else if (key === 'scopes')
    value.changed('cohort-by-run', 'scopes say which series are of canary and baseline', 'a run says it: --baseline … --canary …');
  else if (key === 'thresholds')
    value.undecided(
      'unknown-key',
      "Argo knows no 'thresholds': it ignores it, and asks Kayenta without pass and marginal",
      "write 'threshold'",
    );
  else if (!known.includes(key))
    value.undecided('unknown-key', `the kayenta provider of Argo knows no '${key}'`, 'remove it, or move it to where it belongs');
  else value.changed('left-out', `'${key}' says where Kayenta is`, nothingToDo);
}
