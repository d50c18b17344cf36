import type { HarmDirection, Role } from '../../domain/index.js';
import type { ForeignValue } from './foreign-value.js';

/** A template under construction, in the words of the YAML it becomes. */
export interface TemplateDraft {
  readonly name: string;
  readonly title: string | null;
  /** what it was, for the first line of comment */
  readonly origin: string;
  /** where it came from: what cannot be written is reported here */
  readonly from: ForeignValue;
  readonly cohortsBy: string;
  readonly schedule: Readonly<Record<string, string | number>>;
  readonly judge: Readonly<Record<string, unknown>> | null;
  readonly arguments: readonly DraftArgument[];
  readonly metrics: readonly MetricDraft[];
  /** metrics and queries that could not be moved, kept as comments */
  readonly left: readonly LeftMetric[];
}

export interface DraftArgument {
  readonly name: string;
  readonly type: 'string' | 'number' | 'duration';
  readonly default: string | null;
  readonly description: string | null;
  readonly from: ForeignValue | null;
}

export interface MetricDraft {
  readonly name: string;
  readonly role: Role;
  readonly weight: number | null;
  readonly source: 'prometheus' | 'traces';
  readonly harm: HarmDirection;
  /** `proportion`, `percentiles`, `rate`, `mean` or `gauge` with what is in it */
  readonly kind: Readonly<Record<string, unknown>>;
  readonly unit: string | null;
  readonly limit: number | string | null;
  readonly margin: Readonly<Record<string, number | string>> | null;
  readonly kayenta: Readonly<Record<string, unknown>> | null;
  /** as `onNoData` */
  readonly onNoData: string | null;
  /** lines of comment above it */
  readonly comment: readonly string[];
  readonly from: ForeignValue;
}

/** What stands as a comment in place of a metric. */
export interface LeftMetric {
  readonly name: string;
  readonly why: string;
  /** the query, or whatever measured it, as it was written */
  readonly query: string;
}

/** A name of a template: lower-case letters, digits and dashes. */
export const templateName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '') || 'imported';

/** A name of a metric that no other one in the list has. */
export function metricName(name: string, taken: readonly string[]): string {
  const plain =
    name
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 58)
      .replace(/-+$/, '') || 'metric';
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

/** A name of an argument: `${…}` can hold it. */
export function argumentName(name: string): string {
  const plain = name
    .trim()
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 60);
  const begun = /^[A-Za-z_]/.test(plain) ? plain : `a-${plain}`;
  return begun in Object.prototype ? `${begun}-` : begun;
}
