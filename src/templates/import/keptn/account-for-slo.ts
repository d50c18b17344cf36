import type { ForeignValue } from '../foreign-value.js';

/** Names what an slo.yaml says of scores and comparisons, which a template has no word for. */
export function accountForSlo(root: ForeignValue): void {
  root.get('spec_version')?.moved('apiVersion');
  for (const [key, value] of root.get('filter')?.entries() ?? [])
    value.changed(
      'argument-of-run',
      `the filter '${key}' chooses what is asked`,
      `where a query uses it, pass it with the run: --arg ${key}=${value.inWords}`,
    );
  const comparison = root.get('comparison');
  const words: Readonly<Record<string, string>> = {
    compare_with: 'how many earlier evaluations are compared with',
    number_of_comparison_results: 'how many earlier evaluations are compared with',
    include_result_with_score: 'which earlier evaluations are compared with',
    aggregate_function: 'how earlier evaluations become one number',
  };
  for (const [key, value] of comparison?.entries() ?? []) {
    if (!Object.hasOwn(words, key)) continue;
    value.changed(
      'compared-with-baseline',
      `'${key}' says ${words[key]}`,
      'Assay compares with the baseline that runs at the same time; for earlier days see Before and after in docs/templates.md',
    );
  }
  for (const [key, value] of root.get('total_score')?.entries() ?? [])
    value.changed(
      'no-score',
      `'total_score.${key}: ${value.inWords}' weighs objectives that fail against others that pass`,
      'here every metric that decides must be safe before a promote, and proven harm on one rolls back',
    );
}

/** The parts of an sli.yaml that are no queries. */
export function accountForSli(root: ForeignValue): void {
  root.get('spec_version')?.moved('apiVersion');
  for (const [name, query] of root.get('indicators')?.entries() ?? [])
    if (!query.ledger.isCovered(query.path))
      query.changed('sli-unused', `no objective of these files uses '${name}'`, 'import the slo.yaml too');
}
