import type { TemplateShape } from '../calibration-template.js';
import type { RuleSettings } from '../judges.js';
import { type ErrorWorld, metricName } from '../worlds/world.js';
import { hourly, none, studied, windows } from './scenario.js';

/** Half a per cent of the requests fail, swinging by half over the hour. */
export const swinging = (window: number): number => 0.005 * (1 + 0.5 * hourly(window));

/** Half a per cent at any time. */
export const steady = (): number => 0.005;

/** The study's service, with a canary that fails so many times as often as its baseline. */
export function errorWorld(ratio: number, changes: Partial<ErrorWorld> = {}): ErrorWorld {
  const baseline = changes.baseline ?? swinging;
  return {
    kind: 'errors',
    ...studied,
    metrics: [metricName],
    baseline,
    canary: (window) => ratio * baseline(window),
    burst: 1,
    podSpread: 0,
    pods: { baseline: 1, canary: 1 },
    earlier: null,
    ...changes,
  };
}

/** Bursts of three, pods that differ, traffic that swings. */
export const rough: Partial<ErrorWorld> = {
  burst: 3,
  podSpread: 0.1,
  pods: { baseline: 10, canary: 5 },
  load: (window) => 1 + 0.3 * hourly(window + windows / 6),
};

export const usual: TemplateShape = { kind: 'errors', margin: { relative: 0.1, absolute: 0.0005 } };
export const strict: TemplateShape = { kind: 'errors', margin: none };

export const errorSettings: RuleSettings = { percentile: 0.99, threshold: 0.01, ratio: 1.5 };
