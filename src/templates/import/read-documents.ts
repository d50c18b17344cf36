import { checkText } from '../check-text.js';
import { Findings } from '../findings.js';
import { parseYamlDocuments } from '../yaml-tree.js';
import { ForeignValue } from './foreign-value.js';
import { type ForeignDocument, type ImportFormat, nothingToDo } from './import-context.js';
import { Ledger } from './ledger.js';

/** A text that cannot be read at all. */
export interface UnreadableFile {
  readonly file: string;
  readonly message: string;
  readonly repair: string;
  readonly line: number;
  readonly column: number;
}

export interface ForeignFile {
  readonly name: string;
  readonly text: string;
}

/** The documents of a file, YAML or JSON, those of lists one by one; or why there are none. */
export function readDocuments({ name, text }: ForeignFile, format: ImportFormat | null): ForeignDocument[] | UnreadableFile {
  const findings = new Findings();
  const body = text.replace(/^\uFEFF/, '');
  const nodes = checkText(body, findings) ? parseYamlDocuments(body, findings) : null;
  const [issue] = findings.issues();
  if (nodes === null || issue !== undefined) return unreadable(name, body, issue);
  const documents = nodes.flatMap((node, document) => {
    if (node.kind === 'scalar' && node.value === null) return []; // nothing behind the last '---'
    const ledger = new Ledger({ file: name, document });
    const whole = new ForeignValue(node, '', node.at, ledger);
    return spread(whole).map((root) => ({ root, whole, kind: kindOf(root, format) }));
  });
  return documents.length > 0 ? documents : { file: name, message: 'there is nothing in this file', repair: supported, line: 1, column: 1 };
}

const oneByOne =
  'give the objects of a long list one by one: for each in $(kubectl get analysistemplates -o name); do kubectl get $each -o yaml > ${each#*/}.yaml; done';

function unreadable(file: string, text: string, issue: ReturnType<Findings['issues']>[number] | undefined): UnreadableFile {
  const isChart = /\{\{-?\s*(\.|if |range |include |with |define )/.test(text);
  return {
    file,
    message: issue?.message.replace('the template has', 'the file has') ?? 'the file cannot be read',
    repair:
      issue?.code === 'too-large'
        ? oneByOne
        : isChart
          ? "this looks like a Helm chart: give what 'helm template' makes of it"
          : (issue?.repair ?? supported),
    line: issue?.line ?? 1,
    column: issue?.column ?? 1,
  };
}

/** The items of `kind: List`, and of a JSON array. */
function spread(root: ForeignValue): ForeignValue[] {
  if (root.node.kind === 'list') return root.items();
  if (root.get('kind')?.text !== 'List') return [root];
  for (const key of ['apiVersion', 'kind', 'metadata']) root.get(key)?.changed('left-out', 'a list of objects', nothingToDo);
  return root.get('items')?.items() ?? [];
}

export const supported =
  'what is understood: AnalysisTemplate, ClusterAnalysisTemplate and Rollout of Argo Rollouts, MetricTemplate and Canary of Flagger, canary configs of Kayenta (JSON), slo.yaml and sli.yaml of Keptn';

/** Kinds of Kubernetes objects that are understood. */
export const objectKinds: readonly string[] = ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'Rollout', 'MetricTemplate', 'Canary'];

/** What a document is, by its kind or by what only one tool writes; else its kind as it stands. */
function kindOf(root: ForeignValue, format: ImportFormat | null): string {
  const kind = root.get('kind')?.text ?? '';
  const api = root.get('apiVersion')?.text ?? '';
  if (api.startsWith('assay.dev/')) return `${kind} of Assay`;
  if (objectKinds.includes(kind)) return kind;
  if (root.get('objectives')) return 'slo';
  if (root.get('indicators')) return 'sli';
  const isConfig =
    root.get('metrics') !== null &&
    (root.get('classifier') ?? root.get('judge') ?? root.get('configVersion') ?? root.get('applications')) !== null;
  if (isConfig || (format === 'kayenta' && kind === '')) return 'canary-config';
  if (format === 'keptn' && kind === '') return 'slo';
  return kind === '' ? 'unknown' : kind;
}
