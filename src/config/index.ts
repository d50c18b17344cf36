export { ConfigModule } from './config.module.js';
export { loadSettings, localUrl } from './load-settings.js';
export { isLoopback } from './loopback.js';
export { secretValues } from './secret-values.js';
export type { OtlpSettings, ProcessRole, PrometheusSettings, Settings } from './settings.js';
export { SETTINGS } from './settings-token.js';
export { TokenFile } from './token-file.js';
export { allows, findToken, type NewToken, newToken, parseTokens, type Scope, scopes, type TokenEntry } from './tokens.js';
export { type Variable, variables } from './variables.js';
