import type { SourceKind } from '../domain/index.js';
import type { ArgumentUse } from './argument-use.js';
import type { Findings } from './findings.js';

/** What the readers of one metric need to know about it and its template. */
export interface MetricReading {
  readonly findings: Findings;
  readonly use: ArgumentUse;
  readonly source: SourceKind;
  readonly critical: boolean;
  /** attribute or label that tells the sides apart */
  readonly cohortAttribute: string;
}
