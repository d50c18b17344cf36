/** scalar, vector (one value a series), matrix (values over a range), or text. */
export type PromqlType = 'scalar' | 'instant vector' | 'range vector' | 'string';

export interface Signature {
  readonly args: readonly PromqlType[];
  /** so many of them, from the end, may be left out */
  readonly optional: number;
  /** the last one may be repeated */
  readonly isOpen: boolean;
  readonly returns: PromqlType;
}

const words: Readonly<Record<string, PromqlType>> = { s: 'scalar', v: 'instant vector', m: 'range vector', t: 'string' };

/** `sv?` takes a scalar, and a vector that may be left out; `+` repeats the last one any number of times. */
function signature(written: string, returns: PromqlType): Signature {
  const args = [...written.replace(/[?+]/g, '')].map((letter) => words[letter] ?? 'scalar');
  return { args, optional: written.includes('?') ? 1 : 0, isOpen: written.endsWith('+'), returns };
}

const vectorFunctions: Readonly<Record<string, string>> = {
  v: `abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_sum histogram_stddev
    histogram_stdvar ln log10 log2 rad sgn sin sinh sort sort_desc sqrt start_timestamp tan tanh timestamp`,
  m: `absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time mad_over_time
    max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time ts_of_first_over_time
    ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time`,
  'v?': 'day_of_month day_of_week day_of_year days_in_month hour minute month year',
  vs: 'clamp_max clamp_min',
  vss: 'clamp',
  'vs?': 'round',
  s: 'vector',
  sv: 'histogram_quantile',
  ssv: 'histogram_fraction',
  'vts+': 'histogram_quantiles',
  ms: 'predict_linear',
  mss: 'double_exponential_smoothing',
  sm: 'quantile_over_time',
  vtttt: 'label_replace',
  'vttt+': 'label_join',
  'vt+': 'sort_by_label sort_by_label_desc',
  'vv?': 'info',
};

/** What each function takes and gives, as Prometheus lists them (promql/parser/functions.go). */
export const promqlFunctions: ReadonlyMap<string, Signature> = new Map([
  ...Object.entries(vectorFunctions).flatMap(([args, names]) =>
    names.split(/\s+/).map((name) => [name, signature(args, 'instant vector')] as const),
  ),
  ...['end', 'pi', 'range', 'start', 'step', 'time'].map((name) => [name, signature('', 'scalar')] as const),
  ['scalar', signature('v', 'scalar')],
]);

export const aggregators = [
  ...[
    'avg',
    'bottomk',
    'count',
    'count_values',
    'group',
    'limit_ratio',
    'limitk',
    'max',
    'min',
    'quantile',
    'stddev',
    'stdvar',
    'sum',
    'topk',
  ],
];

/** The type of the parameter that an aggregation takes before its vector; null: none. */
export function parameterOf(aggregator: string): PromqlType | null {
  if (aggregator === 'count_values') return 'string';
  return ['bottomk', 'limit_ratio', 'limitk', 'quantile', 'topk'].includes(aggregator) ? 'scalar' : null;
}
