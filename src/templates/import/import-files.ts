import { importAnalysisTemplate } from './argo/import-analysis-template.js';
import { importRollout } from './argo/import-rollout.js';
import type { ImportedTemplate } from './finish-template.js';
import { importCanary } from './flagger/import-canary.js';
import { importMetricTemplate } from './flagger/import-metric-template.js';
import { type ForeignDocument, type ImportContext, type ImportOptions, nothingToDo } from './import-context.js';
import { importCanaryConfig } from './kayenta/import-canary-config.js';
import { accountForSli } from './keptn/account-for-slo.js';
import { importSlo } from './keptn/import-slo.js';
import type { ImportFinding, Ledger, MovedField } from './ledger.js';
import { type ForeignFile, objectKinds, readDocuments, supported, type UnreadableFile } from './read-documents.js';

/** What came of some files. */
export interface Imported {
  /** each of them loads */
  readonly templates: readonly ImportedTemplate[];
  /** what changed in meaning, and what is for a person to decide, in the order of the files */
  readonly findings: readonly ImportFinding[];
  /** fields that stand in a template with the meaning they had */
  readonly moved: readonly MovedField[];
  readonly unreadable: readonly UnreadableFile[];
}

/**
 * Native templates of what other tools are configured with. Every field of every document is in `moved`, or inside of a
 * finding's path.
 *
 * Total: any text gives templates, findings or a reason, in bounded time.
 */
export function importFiles(files: readonly ForeignFile[], options: ImportOptions): Imported {
  const read = files.map((file) => readDocuments(file, options.format));
  const documents = read.flatMap((each) => (Array.isArray(each) ? each : []));
  const context: ImportContext = { options, documents };
  const templates = named(inOrder(documents).flatMap((document) => importOne(document, context)));
  for (const { ledger, node, path, keyAt } of new Set(documents.map(({ whole }) => whole))) ledger.nameTheRest(node, path, keyAt);
  const ledgers: readonly Ledger[] = [...new Set(documents.map(({ root }) => root.ledger))];
  return {
    templates,
    findings: ledgers.flatMap(({ findings }) => findings.toSorted((a, b) => a.line - b.line || a.column - b.column)),
    moved: ledgers.flatMap(({ moved }) => moved),
    unreadable: read.flatMap((each) => (Array.isArray(each) ? [] : each)),
  };
}

/** A MetricTemplate and an sli.yaml come last: only then is it known whether somebody used them. */
const inOrder = (documents: readonly ForeignDocument[]): ForeignDocument[] => {
  const isLate = ({ kind }: ForeignDocument): boolean => kind === 'MetricTemplate' || kind === 'sli';
  return [...documents.filter((each) => !isLate(each)), ...documents.filter(isLate)];
};

function importOne(document: ForeignDocument, context: ImportContext): ImportedTemplate[] {
  const { root, kind } = document;
  switch (kind) {
    case 'AnalysisTemplate':
    case 'ClusterAnalysisTemplate':
      return importAnalysisTemplate(document, context);
    case 'Rollout':
      importRollout(document, context);
      return [];
    case 'Canary':
      return importCanary(document, context);
    case 'MetricTemplate':
      return root.ledger.isCovered(`${root.path === '' ? '' : `${root.path}.`}spec.query`) ? [] : importMetricTemplate(document, context);
    case 'canary-config':
      return importCanaryConfig(document, context);
    case 'slo':
      return importSlo(document, context);
    case 'sli':
      accountForSli(root);
      return [];
    default:
      nameUnknown(document, context);
      return [];
  }
}

/** Beside what is known another kind is nothing to worry about: manifests are kept together. */
function nameUnknown({ root, kind }: ForeignDocument, { documents }: ImportContext): void {
  const message = kind === 'unknown' ? 'nobody knows what this is' : `'${kind.slice(0, 60)}' is not imported`;
  if (kind !== 'unknown' && documents.some((each) => knownKinds.includes(each.kind))) root.changed('unknown-kind', message, nothingToDo);
  else root.undecided('unknown-kind', message, supported);
}

const knownKinds = [...objectKinds, 'canary-config', 'slo'];

/** Two templates of one name cannot be served from one folder. */
function named(templates: readonly ImportedTemplate[]): ImportedTemplate[] {
  const names = new Set<string>();
  return templates.map((template) => {
    let name = template.name;
    for (let number = 2; names.has(name); number += 1) name = `${template.name.slice(0, 58)}-${number}`;
    names.add(name);
    const text = name === template.name ? template.text : template.text.replace(/^(metadata: .*?name: )[^ ,}]+/m, `$1${name}`);
    return { ...template, name, text };
  });
}
