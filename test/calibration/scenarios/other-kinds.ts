import type { TemplateShape } from '../calibration-template.js';
import type { ErrorWorld, GaugeWorld, MeanWorld, RateWorld } from '../worlds/world.js';
import { errorSettings, errorWorld, steady, usual } from './error-worlds.js';
import { allRules, falsePromote, gate, healthyCell, hourly, none, type Scenario, sickCell, studied } from './scenario.js';

const gaugeWorld = (autocorrelation: number, shift: number, changes: Partial<GaugeWorld> = {}): GaugeWorld => ({
  kind: 'gauge',
  ...studied,
  autocorrelation,
  pods: { baseline: 10, canary: 5 },
  common: 2,
  shift,
  ...changes,
});

const level: TemplateShape = { kind: 'gauge', margin: none };
const memories = [0, 0.5, 0.8, 0.95];

const gauges: Scenario = {
  name: 'gauges',
  title: 'H.6 gauges with memory (AR(1)) and shared shocks, 10 and 5 pods, 240 windows of history',
  precise: true,
  rules: ['kayenta', 'z-test'],
  settings: errorSettings,
  cells: [
    ...memories.map((rho) => gate(healthyCell(`A/A, autocorrelation ${rho}`, gaugeWorld(rho, 0), level))),
    sickCell('1 sd higher, autocorrelation 0.5', gaugeWorld(0.5, 1), level, { rollbackAtLeast: 0.9 }),
    sickCell('2 sd higher, autocorrelation 0.8', gaugeWorld(0.8, 2), level),
  ],
};

const withoutPods: Scenario = {
  name: 'gauges-coarse',
  title: 'H.6 the same, pods not told apart',
  rules: ['kayenta', 'z-test'],
  settings: errorSettings,
  cells: [
    ...memories.map((rho) => healthyCell(`A/A, autocorrelation ${rho}`, gaugeWorld(rho, 0, { pods: null, common: 0 }), level)),
    healthyCell('A/A, autocorrelation 0.8, shared shocks', gaugeWorld(0.8, 0, { pods: null }), level),
    healthyCell('8 % higher, margin 10 %, autocorrelation 0.5', gaugeWorld(0.5, 4, { pods: null, common: 0 }), {
      ...level,
      margin: { relative: 0.1, absolute: 0 },
    }),
    sickCell('1 sd higher, autocorrelation 0.5', gaugeWorld(0.5, 1, { pods: null, common: 0 }), level, { rollbackAtLeast: 0.9 }),
    sickCell('2 sd higher, autocorrelation 0.8, shared shocks', gaugeWorld(0.8, 2, { pods: null }), level),
  ],
};

const freshGauges: Scenario = {
  name: 'gauges-fresh',
  title: 'H.6 the same, no history',
  rules: ['kayenta', 'z-test'],
  settings: errorSettings,
  cells: [
    ...memories.map((rho) => healthyCell(`A/A, autocorrelation ${rho}`, gaugeWorld(rho, 0, { historyWindows: 0 }), level)),
    sickCell('1 sd higher, autocorrelation 0.5', gaugeWorld(0.5, 1, { historyWindows: 0 }), level, { rollbackAtLeast: 0.9 }),
    sickCell('2 sd higher, autocorrelation 0.8', gaugeWorld(0.8, 2, { historyWindows: 0 }), level),
  ],
};

const meanWorld = (sigma: number, factor: number, changes: Partial<MeanWorld> = {}): MeanWorld => ({
  kind: 'mean',
  ...studied,
  requestsPerSecond: 20,
  sigma,
  level: (window) => 30 * (1 + 0.2 * hourly(window)),
  factor,
  sameOfUser: 1,
  ...changes,
});

const mean: TemplateShape = { kind: 'mean', margin: none };

const means: Scenario = {
  name: 'means',
  title: 'D.2 means of log-normal values, 20 requests a second, swinging by 20 %',
  rules: [],
  settings: errorSettings,
  cells: [
    ...[0.5, 1, 1.5].map((sigma) => healthyCell(`A/A, σ ${sigma}, margin 0`, meanWorld(sigma, 1), mean)),
    ...[240, 0].map((historyWindows) =>
      healthyCell(
        `A/A, σ 0.5, margin 0, users of ten equal values each, ${historyWindows > 0 ? 'an hour of history' : 'no history'}`,
        meanWorld(0.5, 1, { sameOfUser: 10, historyWindows }),
        mean,
      ),
    ),
    sickCell('σ 1, 20 % more', meanWorld(1, 1.2), mean, { rollbackAtLeast: 0.9 }),
    sickCell(
      'σ 1, at the margin of 10 %',
      meanWorld(1, 1.1),
      { kind: 'mean', margin: { relative: 0.1, absolute: 0 }, promoteEarly: true },
      {
        promoteAtMost: falsePromote,
      },
    ),
  ],
};

const rateWorld = (factor: number, changes: Partial<RateWorld> = {}): RateWorld => ({
  kind: 'rate',
  ...studied,
  secondsPerRequest: 0.1,
  baseline: (window) => 0.05 * (1 + 0.5 * hourly(window)),
  factor,
  burst: 1,
  ...changes,
});

const rate: TemplateShape = { kind: 'rate', margin: none };

const rates: Scenario = {
  name: 'rates',
  title: 'B.5 events per second of work: 10 seconds of work a second, 0.05 events each',
  rules: [],
  settings: errorSettings,
  cells: [
    healthyCell('A/A, margin 0', rateWorld(1), rate),
    healthyCell('A/A, bursts of 4, margin 0', rateWorld(1, { burst: 4 }), rate),
    healthyCell('A/A, bursts of 4, no history, margin 0', rateWorld(1, { burst: 4, historyWindows: 0 }), rate),
    sickCell('events × 2', rateWorld(2), rate, { rollbackAtLeast: 0.9 }),
    sickCell(
      'at the margin of 50 %',
      rateWorld(1.5),
      { kind: 'rate', margin: { relative: 0.5, absolute: 0 }, promoteEarly: true },
      {
        promoteAtMost: falsePromote,
      },
    ),
  ],
};

const limit = 0.01;
const limited: TemplateShape = { kind: 'errors', limit, margin: none };
const limitedEarly: TemplateShape = { ...limited, promoteEarly: true };
const always =
  (share: number): ((window: number) => number) =>
  () =>
    share;
const against = (share: number, burst = 1): ErrorWorld => errorWorld(1, { baseline: always(share), canary: always(share), burst });

const limits: Scenario = {
  name: 'limits',
  title: 'B.6 errors against a limit of 1 %, whatever the baseline does',
  rules: [],
  settings: errorSettings,
  cells: [
    healthyCell('exactly at the limit', against(limit), limited),
    healthyCell('exactly at the limit, bursts of 4', against(limit, 4), limited),
    sickCell('exactly at the limit, promote early', against(limit), limitedEarly, { promoteAtMost: falsePromote }),
    sickCell('exactly at the limit, bursts of 4, promote early', against(limit, 4), limitedEarly, { promoteAtMost: falsePromote }),
    sickCell('twice the limit', against(2 * limit), limited, { rollbackAtLeast: 0.9 }),
    healthyCell('half of the limit, promote early', against(limit / 2), limitedEarly),
  ],
};

const pods: Scenario = {
  name: 'pods',
  title: 'D.6 ten baseline pods that differ by 30 %',
  rules: allRules,
  settings: errorSettings,
  cells: [1, 5, 10].flatMap((canary) => {
    const world = (ratio: number): ErrorWorld => errorWorld(ratio, { podSpread: 0.3, pods: { baseline: 10, canary } });
    const many = `${canary} canary pod${canary > 1 ? 's' : ''}`;
    return [healthyCell(`A/A, ${many}`, world(1), usual), sickCell(`errors × 2, ${many}`, world(2), usual)];
  }),
};

const days = { days: 4, daySpread: 0.15, slowSpread: 0.1 };
const earlierWorld = (ratio: number): ErrorWorld => errorWorld(ratio, { earlier: days, canaryShare: () => 1, baseline: steady });

const beforeAfter: Scenario = {
  name: 'before-after',
  title: 'G. before and after: the same hour of four earlier days, unlike by 15 % from day to day and 10 % within the hour',
  rules: ['ratio', 'z-test'],
  settings: errorSettings,
  cells: [
    healthyCell('A/A', earlierWorld(1), { ...usual, references: 4 }),
    ...[2, 3, 5].map((ratio) => sickCell(`errors × ${ratio}`, earlierWorld(ratio), { ...usual, references: 4 })),
  ],
};

export const otherKinds: readonly Scenario[] = [gauges, withoutPods, freshGauges, means, rates, limits, pods, beforeAfter];
