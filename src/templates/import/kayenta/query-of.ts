import { isProblem, promqlTokens } from '../../promql-tokens.js';
import type { ForeignValue } from '../foreign-value.js';
import { plainText } from '../plain-text.js';
import type { CanaryConfig, CanaryMetric } from './canary-config.js';
import { isInBraces, translateQuery } from './translate-query.js';

/** A metric's query, or why there is none. */
export interface PlacedCanaryQuery {
  /** PromQL with `${scope}` in it; where there is a problem whatever was asked */
  readonly promql: string;
  readonly problem: string | null;
  readonly from: ForeignValue;
  /** characters of the text before the query; null: it is put together of several */
  readonly start: number | null;
}

const prefix = 'PromQL:';

/** What Kayenta would ask for a metric. Without a template it is the mean of a series, of which nothing tells the sides apart. */
export function queryOf(config: CanaryConfig, metric: CanaryMetric, entry: ForeignValue, root: ForeignValue): PlacedCanaryQuery {
  const query = entry.get('query');
  const template = query?.get('customInlineTemplate') ?? query?.get('template');
  const named = metric.query.customFilterTemplate === '' ? null : root.at('templates', metric.query.customFilterTemplate);
  const from = template ?? named ?? query ?? entry;
  const isRaw = from.text.startsWith(prefix);
  const translated = translateQuery(config, metric);
  const conditions = 'value' in translated ? withoutConditions(translated.value.promql) : null;
  if (conditions !== null) {
    from.remark('decide', conditionsInScope);
    return { promql: conditions, problem: null, from, start: null };
  }
  if ('value' in translated) return { promql: translated.value.promql, problem: null, from, start: isRaw ? prefix.length : null };
  const plain = template || named ? null : meanOf(metric);
  if (plain !== null) {
    entry.remark('decide', sameQuery);
    return { promql: plain, problem: null, from, start: null };
  }
  const isSame = translated.problem.includes('same for both');
  if (isSame) from.remark('decide', sameQuery);
  const promql = isRaw ? from.text.slice(prefix.length) : '';
  if (isSame && promql !== '') return { promql, problem: null, from, start: prefix.length };
  return {
    promql: promql || (query ? plainText(query.node) : ''),
    problem: translated.problem.replace(/^metric '[^']*': /, ''),
    from,
    start: null,
  };
}

const conditionsInScope = {
  code: 'conditions-in-scope',
  message: 'the scope stands for whole conditions (label=value, …), which only the canary request says; they are taken out',
  repair: 'the one by which the sides differ is the label of cohorts.by; write the others, such as app="…", into the selectors',
};

/** The query without arguments that stand for conditions, `{a="b",${scope}}`; null where there are none. */
function withoutConditions(promql: string): string | null {
  const tokens = promqlTokens(promql);
  if (isProblem(tokens)) return null;
  let kept = '';
  let end = 0;
  for (const [index, { kind, text, offset }] of tokens.entries()) {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    const isCondition = kind === 'placeholder' && /^[{,]$/.test(before?.text ?? '') && /^[},]$/.test(after?.text ?? '');
    if (!isCondition || !isInBraces(tokens, index)) continue;
    const isFirst = before?.text === '{';
    kept += promql.slice(end, isFirst ? offset : (before?.offset ?? offset));
    end = isFirst && after?.text === ',' ? after.offset + 1 : offset + text.length;
  }
  return end === 0 ? null : kept + promql.slice(end);
}

const sameQuery = {
  code: 'same-query',
  message: 'control and experiment ask the same: nothing in the query depends on the scope, so the canary was compared with itself',
  repair: "here a run adds the label of 'cohorts.by' for each side: see that the series have it",
};

function meanOf({ query }: CanaryMetric): string | null {
  const { type, metricName, labelBindings, groupByFields, customFilter } = query;
  if (type.toLowerCase() !== 'prometheus' || customFilter !== '' || !/^[A-Za-z_:][\w:]*$/.test(metricName)) return null;
  const conditions = labelBindings.length > 0 ? `{${labelBindings.join(',')}}` : '';
  return `avg(${metricName}${conditions})${groupByFields.length > 0 ? ` by (${groupByFields.join(',')})` : ''}`;
}
