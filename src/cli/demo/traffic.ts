import type { Target } from './load.js';

/** From this moment each canary gets this share of all requests; the baseline gets what is left. */
export interface TrafficStep {
  readonly afterSeconds: number;
  readonly canaryShare: number;
}

export const requestsPerSecond = 360;

/** A careful start, then enough to decide. */
export const trafficSteps: readonly TrafficStep[] = [
  { afterSeconds: 0, canaryShare: 0.1 },
  { afterSeconds: 10, canaryShare: 0.22 },
];

/** Where requests go: every pod of a version gets an equal part of its share. */
export function targetsOf(step: TrafficStep, baseline: readonly string[], canaries: readonly (readonly string[])[]): Target[] {
  const part = (urls: readonly string[], share: number): Target[] =>
    urls.map((url) => ({ url, requestsPerSecond: (requestsPerSecond * share) / urls.length }));
  const left = 1 - canaries.length * step.canaryShare;
  return [...part(baseline, left), ...canaries.flatMap((urls) => part(urls, step.canaryShare))];
}

/** The canary's share of the requests that one run compares: its own against its own and the baseline's. */
export function weightOf(step: TrafficStep, canaries: number): number {
  return step.canaryShare / (step.canaryShare + (1 - canaries * step.canaryShare));
}
