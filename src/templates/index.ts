export { formatDuration, parseDuration } from './duration.js';
export { meshes } from './import/flagger/built-in-metrics.js';
export { formats, type ImportFormat, type ImportOptions, nothingToDo } from './import/import-context.js';
export { type Imported, importFiles } from './import/import-files.js';
export {
  type CanaryConfig,
  type CanaryMetric,
  readCanaryConfig,
  readThresholds,
  readUnnamedConfig,
  type Thresholds,
} from './import/kayenta/canary-config.js';
export { JsonFields, refuseProblems } from './import/kayenta/json-fields.js';
export { type JudgeName, judgeNamed, judgeNames } from './import/kayenta/judge-names.js';
export { marginOf } from './import/kayenta/margin-of.js';
export {
  type Bindings,
  fillQuery,
  isMasked,
  type QueryTemplate,
  type Translated,
  translateQuery,
} from './import/kayenta/translate-query.js';
export type { ImportFinding } from './import/ledger.js';
export type { ForeignFile } from './import/read-documents.js';
export { parseTemplate } from './parse-template.js';
export { placesIn } from './places-in.js';
export type { PromqlBound, PromqlContext, PromqlFinding } from './promql/finding.js';
export { lintPromql } from './promql/lint-promql.js';
export { isProblem, type PromqlToken, promqlTokens } from './promql-tokens.js';
export { patternProblem, templateRegExp } from './re2.js';
export { argumentValues, resolveArguments } from './resolve-arguments.js';
export { TemplateCatalog } from './template-catalog.js';
export { TemplatesModule } from './templates.module.js';
