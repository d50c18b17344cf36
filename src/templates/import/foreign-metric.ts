import type { HarmDirection, Role } from '../../domain/index.js';
import type { Bound } from './condition/read-condition.js';
import type { ForeignValue } from './foreign-value.js';

/** A query as its author wrote it, where placeholders are known as such. */
export interface LintedText {
  readonly text: string;
  /** characters that stand before it in the field */
  readonly start: number;
}

/** A metric of another tool that asks Prometheus. */
export interface ForeignMetric {
  readonly name: string;
  readonly from: ForeignValue;
  /** in native placeholders */
  readonly query: string;
  readonly queryFrom: ForeignValue;
  /** what is linted; null: the query is put together of several texts */
  readonly lint: LintedText | null;
  /** none: compared with the baseline */
  readonly bounds: readonly Bound[];
  readonly role: Role;
  readonly weight: number | null;
  readonly intervalSeconds: number | null;
  readonly kayenta: Readonly<Record<string, unknown>> | null;
  /** instead of a limit, and of the margin that is assumed where nothing is said */
  readonly margin: Readonly<Record<string, number>> | null;
  readonly onNoData: string | null;
  /** where it is said; else the bound says it, or the query */
  readonly harm: HarmDirection | null;
}
