import type { SourceKind } from '../domain/index.js';
import type { ArgumentUse } from './argument-use.js';
import type { Field } from './fields.js';
import type { Findings } from './findings.js';

/** A query, to be linted once the rest of its metric is known. */
export interface AskedQuery {
  readonly query: string;
  readonly field: Field;
  /** what belongs there */
  readonly form: 'selector' | 'expression';
}

/** What the readers of one metric need to know about it and its template. */
export interface MetricReading {
  readonly findings: Findings;
  readonly use: ArgumentUse;
  readonly source: SourceKind;
  readonly critical: boolean;
  /** attribute or label that tells the sides apart */
  readonly cohortAttribute: string;
  /** queries that were asked; added to here */
  readonly queries: AskedQuery[];
}
