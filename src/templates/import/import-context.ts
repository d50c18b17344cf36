import type { ForeignValue } from './foreign-value.js';

/** The tools whose files are understood. */
export const formats = ['argo', 'flagger', 'kayenta', 'keptn'] as const;
export type ImportFormat = (typeof formats)[number];

export interface ImportOptions {
  /** label that tells canary and baseline apart, where the files do not say */
  readonly cohorts: string | null;
  /** what provider of Flagger the built-in metrics are read from, where the Canary does not say */
  readonly mesh: string | null;
  /** for files that do not say what they are; null: found by what is in them */
  readonly format: ImportFormat | null;
}

/** One document of the import. */
export interface ForeignDocument {
  readonly root: ForeignValue;
  /** what the file's document is: a list has several objects in it */
  readonly whole: ForeignValue;
  /** `AnalysisTemplate`, `MetricTemplate`, `canary-config`, … */
  readonly kind: string;
}

/** Everything that is imported at once: documents refer to each other. */
export interface ImportContext {
  readonly options: ImportOptions;
  readonly documents: readonly ForeignDocument[];
}

/** What to do about a finding that is only told; reports gather them. */
export const nothingToDo = 'nothing to do';

/** Names and labels of the object itself; what only Kubernetes needs is named. */
export function accountForObject({ root }: ForeignDocument, except: readonly string[] = []): void {
  root.get('apiVersion')?.moved('apiVersion');
  root.get('kind')?.moved('kind');
  root.at('metadata', 'name')?.moved('metadata.name');
  for (const [key, value] of root.get('metadata')?.entries() ?? []) {
    if (key === 'name' || except.includes(key)) continue;
    value.changed('left-out', `'metadata.${key}' is for Kubernetes; a template has a name only`, nothingToDo);
  }
  root.get('status')?.changed('left-out', "'status' tells of the past", nothingToDo);
}
