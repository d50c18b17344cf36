import type { Template } from './template.js';

/** Windows from before a run that it learns from: enough for a dispersion without a safety factor (statistics §D.5). */
export const historyWindows = 240;

/** Milliseconds before its first window from which a run of this template may read pushed telemetry; 0: it reads none. */
export function telemetryReachMs({ metrics, schedule, cohorts }: Pick<Template, 'metrics' | 'schedule' | 'cohorts'>): number {
  if (metrics.every(({ source }) => source === 'prometheus')) return 0;
  const { beforeSeconds = 0, references = 0 } = cohorts.baseline ?? {};
  return (historyWindows * schedule.windowSeconds + beforeSeconds * references) * 1000;
}
