export { type ArgumentValue, checkArgument } from './argument-value.js';
export { formatDuration, parseDuration } from './duration.js';
export { hashOf, type ParsedTemplate, parseTemplate } from './parse-template.js';
export { type PromqlSelector, readSelector } from './promql-selector.js';
export { isProblem, type PromqlToken, promqlTokens } from './promql-tokens.js';
export { patternProblem, quotedForPattern, templateRegExp } from './re2.js';
export { argumentValues, resolveArguments } from './resolve-arguments.js';
export { TemplateCatalog, type TemplateProblem } from './template-catalog.js';
export { TemplatesModule } from './templates.module.js';
