export { formatDuration, parseDuration } from './duration.js';
export { parseTemplate } from './parse-template.js';
export { placesIn } from './places-in.js';
export { templateRegExp } from './re2.js';
export { argumentValues, resolveArguments } from './resolve-arguments.js';
export { TemplateCatalog } from './template-catalog.js';
export { TemplatesModule } from './templates.module.js';
