import type { Attributes, Cell, ClosedWindow, Matchers } from '../domain/index.js';
import { attributeTest } from './attribute-test.js';

/** What an overflow cell has instead of the attributes that it lost. */
const mark = 'otel.metric.overflow';

/** So much of what a metric counts may be unknown, as a share; more, and it cannot be read. */
const mostUnknown = 0.01;

export const isOverflow = ({ attributes }: Pick<Cell, 'attributes'>): boolean => Object.hasOwn(attributes, mark);

/** Does this cell say all that is asked? An overflow cell lost attributes that its observations had. */
export const saysAll = (cell: Cell, asked: readonly string[]): boolean =>
  !isOverflow(cell) || asked.every((attribute) => Object.hasOwn(cell.attributes, attribute));

/** May some observations of an overflow cell be what is asked for, and some not? What it lost can have been anything. */
export function mayMatch(matchers: Matchers): (attributes: Attributes) => boolean {
  const each = matchers.map((matcher) => ({ attribute: matcher.attribute, test: attributeTest([matcher]) }));
  return (attributes) => each.every(({ attribute, test }) => !Object.hasOwn(attributes, attribute) || test(attributes));
}

/** An overflow cell of so many metrics that it does not say of which. */
export const isOfAnyMetric = ({ instrument }: Cell): boolean => instrument === mark;

/** @param unknown  observations that may belong to the metric. @param total  those that do and those that may */
export const isTooMuchUnknown = (unknown: number, total: number): boolean => unknown > mostUnknown * total;

/** `http.route has 1000 values and more; send fewer, or raise …` */
export function explosionInWords(windows: readonly ClosedWindow[]): string {
  const values = new Map<string, Set<string>>();
  for (const { attributes } of windows.filter(({ flags }) => flags.overflow > 0).flatMap(({ cells }) => cells)) {
    for (const [name, value] of Object.entries(attributes)) values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  const [most] = [...values].sort(([a, left], [b, right]) => right.size - left.size || (a < b ? -1 : 1));
  const why = most && most[1].size > 1 ? `${most[0]} has ${most[1].size} values and more` : 'too many different attribute values';
  return `${why}; send fewer, or raise ASSAY_OTLP_MAX_COHORT_SERIES or ASSAY_OTLP_MAX_SERIES`;
}
