/** Token by which the settings are injected. */
export const SETTINGS = Symbol('settings');
export type { OtlpSettings, ProcessRole, PrometheusSettings, Settings } from './settings.js';
