import { areDisjoint } from './check-conditions.js';
import type { PromqlFinding } from './finding.js';
import { parsePromql } from './parse-promql.js';
import { bare, type Selector } from './syntax.js';

/** What is wrong with a selector because of the metric that it stands in. */
export type SelectorFinding = Pick<PromqlFinding, 'code' | 'message' | 'repair' | 'offset'>;

/** Events that the whole leaves out are no part of it: the share is of nothing. The offset is one in `events`. */
export function eventsOutside(of: string, events: string): SelectorFinding | null {
  const [whole, part] = [selectorIn(of), selectorIn(events)];
  if (!whole || !part || whole.name !== part.name) return null;
  for (const own of part.matchers) {
    const other = whole.matchers.find((matcher) => areDisjoint(own, matcher));
    if (other === undefined) continue;
    const message = `no event is a part of the whole: 'of' has ${other.label}${other.operator}"${other.value}", and 'events' ${own.label}${own.operator}"${own.value}"`;
    const repair = `remove the condition on '${own.label}' from 'of', so that it holds what 'events' picks`;
    return { code: 'events-outside-of', message, repair, offset: own.from };
  }
  return null;
}

/** Percentiles are read from buckets, which the sum and the count of a histogram are none of. */
export function noHistogram(of: string): SelectorFinding | null {
  const name = selectorIn(of)?.name ?? '';
  const [, base] = /^(.+)_(?:count|sum|total)$/.exec(name) ?? [];
  if (base === undefined) return null;
  const message = `'${name}' is no histogram, and has no percentiles: there is never an answer`;
  return { code: 'not-a-histogram', message, repair: `name the histogram itself: ${base}`, offset: 0 };
}

function selectorIn(query: string): Selector | null {
  const parsed = parsePromql(query);
  const expr = 'expr' in parsed ? bare(parsed.expr) : null;
  return expr?.type === 'selector' ? expr : null;
}
