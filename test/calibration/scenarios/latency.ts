import type { TemplateShape } from '../calibration-template.js';
import type { LatencyWorld } from '../worlds/world.js';
import { falsePromote, gate, healthyCell, hourly, none, type Pledge, type Scenario, sickCell, studied, within } from './scenario.js';

function latencyWorld(canarySlowness: number, changes: Partial<LatencyWorld> = {}): LatencyWorld {
  return {
    kind: 'latency',
    ...studied,
    medianSeconds: 0.1,
    sigma: 0.6,
    slowness: (window) => 1 + 0.2 * hourly(window),
    canarySlowness,
    ownNoise: 0,
    ...changes,
  };
}

/** Standard score of each percentile. */
const scores = { 0.5: 0, 0.95: 1.645, 0.99: 2.326 } as const;

/** Canary requests in the study, as minutes: 75 a window while the share is 5 %. */
const soon = (requests: number): Pledge => within(requests / (75 * 4));

/** @param requests  canary requests that the study needed for 10 and for 25 % */
function latencyOf(percentile: keyof typeof scores, requests: readonly [number, number]): Scenario {
  const shape: TemplateShape = { kind: 'latency', percentile, margin: none };
  const tolerant: TemplateShape = { ...shape, margin: { relative: 0.2, absolute: 0 }, promoteEarly: true };
  const usually = 0.1 * Math.exp(0.6 * scores[percentile]);
  return {
    name: `latency-p${100 * percentile}`,
    title: `H.5 latency p${100 * percentile}: log-normal, swinging by 20 %`,
    rules: ['kayenta', 'threshold', 'ratio'],
    settings: { percentile, threshold: 1.24 * usually, ratio: 1.2 },
    cells: [
      gate(healthyCell('A/A, margin 0', latencyWorld(1), shape)),
      healthyCell('A/A, margin 0, 3 % noise of each cohort', latencyWorld(1, { ownNoise: 0.03 }), shape),
      gate(sickCell('10 % slower', latencyWorld(1.1), shape, soon(requests[0]))),
      gate(sickCell('25 % slower', latencyWorld(1.25), shape, soon(requests[1]))),
      gate(sickCell('at the margin of 20 %', latencyWorld(1.2), tolerant, { promoteAtMost: falsePromote })),
      healthyCell('A/A, margin 20 %', latencyWorld(1), tolerant),
    ],
  };
}

export const latency: readonly Scenario[] = [latencyOf(0.5, [825, 225]), latencyOf(0.95, [1725, 300]), latencyOf(0.99, [5550, 825])];
