import type { Evidence, Template } from '../domain/index.js';

/** Pods of the canary that served in the run so far; 0 where none can be told apart. */
export const canaryPods = (evidence: readonly Evidence[]): number => Math.max(0, ...evidence.map(({ pods }) => pods?.canary ?? 0));

/** The template asks for more pods before promote: a single one may be lucky. */
export const hasTooFewPods = ({ cohorts }: Template, evidence: readonly Evidence[]): boolean =>
  (cohorts.minCanaryPods ?? 1) > 1 && canaryPods(evidence) < (cohorts.minCanaryPods ?? 1);
