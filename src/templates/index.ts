export { formatDuration, parseDuration } from './duration.js';
export { parseTemplate } from './parse-template.js';
export { placesIn } from './places-in.js';
export { isProblem, type PromqlToken, promqlTokens } from './promql-tokens.js';
export { patternProblem, templateRegExp } from './re2.js';
export { argumentValues, resolveArguments } from './resolve-arguments.js';
export { TemplateCatalog } from './template-catalog.js';
export { TemplatesModule } from './templates.module.js';
