import { Document, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { DraftArgument, LeftMetric, MetricDraft, TemplateDraft } from './native-draft.js';

/** The text of a template: what was moved, and as comments what was not. */
export function writeTemplate(draft: TemplateDraft): string {
  const content = {
    apiVersion: 'assay.dev/v1',
    kind: 'AnalysisTemplate',
    metadata: { name: draft.name, ...(draft.title === null ? {} : { title: draft.title }) },
    spec: {
      ...(draft.arguments.length > 0 && { arguments: Object.fromEntries(draft.arguments.map((each) => [each.name, argumentOf(each)])) }),
      cohorts: { by: draft.cohortsBy },
      ...(Object.keys(draft.schedule).length > 0 && { schedule: draft.schedule }),
      ...(draft.judge && { judge: draft.judge }),
      metrics: draft.metrics.map(metricOf),
    },
  };
  const document = new Document(content, { aliasDuplicateObjects: false });
  document.commentBefore = headerOf(draft);
  const comments = draft.metrics.map(({ comment }) => comment);
  shape(document, comments);
  if (draft.left.length > 0) document.comment = draft.left.flatMap(leftInWords).slice(1).map(commentLine).join('\n');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true }).replace(/[ \t]+$/gm, '');
}

const headerOf = ({ origin }: TemplateDraft): string =>
  [
    `Imported from ${origin} by 'assay import': see its list of what changed in meaning,`,
    "then run 'assay template lint' and a rollout beside the old analysis.",
  ]
    .map(commentLine)
    .join('\n');

function argumentOf({ type, default: fallback, description }: DraftArgument): Record<string, unknown> {
  const isNumber = type === 'number' && fallback !== null && fallback.trim() !== '' && Number.isFinite(Number(fallback));
  return {
    type,
    ...(fallback !== null && { default: isNumber ? Number(fallback) : clean(fallback) }),
    ...(description !== null && { description: clean(description).slice(0, 400) }),
  };
}

function metricOf({
  name,
  role,
  weight,
  source,
  harm,
  kind,
  unit,
  limit,
  margin,
  kayenta,
  onNoData,
}: MetricDraft): Record<string, unknown> {
  return {
    name,
    role,
    ...(weight !== null && { weight }),
    source,
    ...kind,
    ...(harm !== 'increase' && { harm }),
    ...(unit !== null && { unit }),
    ...(margin !== null && { margin }),
    ...(limit !== null && { limit }),
    ...(onNoData !== null && { onNoData }),
    ...(kayenta !== null && Object.keys(kayenta).length > 0 && { kayenta }),
  };
}

/** Short mappings on one line, long queries as blocks, comments above their metrics. */
function shape(document: Document, comments: readonly (readonly string[])[]): void {
  for (const path of [['metadata'], ['spec', 'cohorts'], ['spec', 'schedule'], ['spec', 'judge']]) setFlow(document.getIn(path));
  const args = document.getIn(['spec', 'arguments']);
  if (isMap(args)) for (const { value } of args.items) setFlow(value);
  const metrics = document.getIn(['spec', 'metrics']);
  if (!isSeq(metrics)) return;
  for (const [index, metric] of (metrics as YAMLSeq<YAMLMap>).items.entries()) {
    metric.commentBefore =
      (comments[index] ?? [])
        .flatMap((line) => line.split('\n'))
        .map(commentLine)
        .join('\n') || null;
    for (const { key, value } of metric.items) {
      if (!isScalar(key) || !isMap(value)) continue;
      if (key.value === 'margin' || key.value === 'kayenta') setFlow(value);
      for (const { value: inner } of value.items) if (isScalar(inner)) setBlock(inner);
      for (const { value: inner } of value.items) setFlow(inner);
    }
  }
}

function setFlow(node: unknown): void {
  if (isMap(node) || isSeq(node)) node.flow = true;
}

function setBlock(scalar: Scalar): void {
  if (typeof scalar.value === 'string' && scalar.value.includes('\n')) scalar.type = 'BLOCK_LITERAL';
}

function leftInWords({ name, why, query }: LeftMetric): string[] {
  return ['', `not imported: ${name}: ${why}`, ...(query === '' ? [] : query.split('\n').map((line) => `    ${line}`))];
}

/** Nothing that a text holds may end the comment it stands in, or be refused by the reader of templates. */
const commentLine = (line: string): string =>
  line.trim() === '' ? '' : ` ${clean(line.replace(/[\n\r\u0085\u2028\u2029]/g, ' '))}`.trimEnd();

const clean = (text: string): string => text.replace(/[^\P{Cc}\t\n]|[\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu, '\u00b7');
