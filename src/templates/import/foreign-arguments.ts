import { queryText } from '../promql/query-text.js';
import type { ForeignValue } from './foreign-value.js';
import type { DraftArgument, MetricDraft } from './native-draft.js';

/** An argument that another tool declares. */
export interface DeclaredArgument {
  readonly name: string;
  readonly value: string | null;
  readonly from: ForeignValue;
  readonly description?: string;
}

const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_-]{0,62})\}/g;

/** The arguments that the moved metrics use, typed by where they stand. */
export function argumentsOf(metrics: readonly MetricDraft[], declared: readonly DeclaredArgument[]): DraftArgument[] {
  const texts = metrics.flatMap(({ kind }) => textsIn(kind));
  const queries = metrics.flatMap(({ kind, source }) => (source === 'prometheus' ? textsIn(kind) : []));
  const limits = metrics.flatMap(({ limit }) => (typeof limit === 'string' && limit.startsWith('${') ? [limit] : []));
  const names = [...new Set([...texts, ...limits].flatMap(namesIn))];
  return names.map((name) => {
    const given = declared.find((each) => each.name === name);
    const type = limits.includes(`\${${name}}`) ? 'number' : typeIn(queries, name);
    return { name, type, default: given?.value ?? null, description: given?.description ?? null, from: given?.from ?? null };
  });
}

const namesIn = (text: string): string[] => [...text.matchAll(placeholder)].flatMap(([, name]) => name ?? []);

/** In quotes any text may stand, in brackets a duration, elsewhere a number. */
function typeIn(queries: readonly string[], name: string): DraftArgument['type'] {
  for (const text of queries) {
    const outside = queryText(text).placeholders.find((each) => each.text === `\${${name}}` && !each.isQuoted);
    if (outside) return /[[:]\s*$|\boffset\s+$/.test(text.slice(Math.max(0, outside.from - 20), outside.from)) ? 'duration' : 'number';
  }
  return 'string';
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
