import type { TemplateShape } from './calibration-template.js';
import type { RuleName, RuleSettings } from './judges.js';
import { type ErrorWorld, type GaugeWorld, type LatencyWorld, metricName, type World } from './world.js';

/** What must hold in a cell; it is broken when the measured rate is beyond the limit by more than its own uncertainty. */
export interface Pledge {
  readonly rollbackAtMost?: number;
  readonly rollbackAtLeast?: number;
  readonly promoteAtMost?: number;
  /** median minutes to rollback; needs as many runs that were rolled back */
  readonly minutesAtMost?: number;
  /** found at least as often as by the Kayenta judge, and where both find all, no later */
  readonly beatsKayenta?: boolean;
}

/** One row of the tables: a world, the template that judges it, and what was promised. */
export interface Cell {
  readonly name: string;
  readonly world: World;
  readonly template: TemplateShape;
  /** healthy canaries get more runs than sick ones: their rates are near 0 */
  readonly healthy: boolean;
  readonly promise: Pledge;
  /** the harm begins in this window; minutes count from there */
  readonly onset?: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly RuleName[];
  readonly settings: RuleSettings;
  /** a run of this world costs ten times as much as one of the others, so that it gets a quarter of the runs unless all are asked for */
  readonly costly?: boolean;
  readonly cells: readonly Cell[];
}

const windows = 240;
const windowSeconds = 15;
const falseRollback = 0.01;
const falsePromote = 0.05;
const hourly = (window: number): number => Math.sin((2 * Math.PI * window) / windows);

/** 5, 20 and 50 % for a third of the hour each. */
const inSteps = (window: number): number => (window < windows / 3 ? 0.05 : window < (2 * windows) / 3 ? 0.2 : 0.5);

/** Half a per cent of the requests fail, swinging by half over the hour. */
const swinging = (window: number): number => 0.005 * (1 + 0.5 * hourly(window));

/** Half a per cent at any time. */
const steady = (): number => 0.005;

function errorWorld(ratio: number, changes: Partial<ErrorWorld> = {}): ErrorWorld {
  const baseline = changes.baseline ?? swinging;
  return {
    kind: 'errors',
    metrics: [metricName],
    windows,
    windowSeconds,
    historyWindows: windows,
    requestsPerSecond: 100,
    load: () => 1,
    canaryShare: inSteps,
    baseline,
    canary: (window) => ratio * baseline(window),
    burst: 1,
    podSpread: 0,
    pods: { baseline: 1, canary: 1 },
    ...changes,
  };
}

/** Bursts of three, pods that differ, traffic that swings. */
const rough: Partial<ErrorWorld> = {
  burst: 3,
  podSpread: 0.1,
  pods: { baseline: 10, canary: 5 },
  load: (window) => 1 + 0.3 * hourly(window + windows / 6),
};

const usual: TemplateShape = { kind: 'errors', margin: { relative: 0.1, absolute: 0.0005 } };
/** As good as no tolerance (none at all is refused by the linter): a healthy canary stands on the border. */
const none = { relative: 1e-17, absolute: 0 };
const strict: TemplateShape = { kind: 'errors', margin: none };

const healthyCell = (name: string, world: World, template: TemplateShape): Cell => ({
  name,
  world,
  template,
  healthy: true,
  promise: { rollbackAtMost: falseRollback },
});
const sickCell = (name: string, world: World, template: TemplateShape, promise: Pledge = {}): Cell => ({
  name,
  world,
  template,
  healthy: false,
  promise,
});

/** One look and 10 % more than the study in which the methods were chosen. */
const within = (minutes: number): Pledge => ({ minutesAtMost: 1.1 * minutes + windowSeconds / 60 });

const errorSettings: RuleSettings = { percentile: 0.99, threshold: 0.01, ratio: 1.5 };
const allRules: readonly RuleName[] = ['kayenta', 'threshold', 'ratio', 'z-test'];

const independent: Scenario = {
  name: 'independent',
  title: 'H.1 independent errors',
  rules: allRules,
  settings: errorSettings,
  cells: [
    healthyCell('A/A', errorWorld(1), usual),
    healthyCell('A/A, margin 0', errorWorld(1), strict),
    healthyCell('A/A, no history', errorWorld(1, { historyWindows: 0 }), strict),
    sickCell('errors × 1.5', errorWorld(1.5), usual),
    sickCell('errors × 2', errorWorld(2), usual, within(14)),
    sickCell('errors × 2, no history', errorWorld(2, { historyWindows: 0 }), usual),
    sickCell('errors × 5', errorWorld(5), usual, within(1.8)),
  ],
};

const realistic: Scenario = {
  name: 'realistic',
  title: 'H.2 realistic: bursts of 3, unlike pods, swinging traffic and errors, growing share',
  rules: allRules,
  settings: errorSettings,
  cells: [
    healthyCell('A/A', errorWorld(1, rough), usual),
    healthyCell('A/A, margin 0', errorWorld(1, rough), strict),
    healthyCell('A/A, no history', errorWorld(1, { ...rough, historyWindows: 0 }), strict),
    sickCell('errors × 1.5', errorWorld(1.5, rough), usual, { beatsKayenta: true }),
    sickCell('errors × 2', errorWorld(2, rough), usual, { ...within(40), beatsKayenta: true }),
    sickCell('errors × 2, no history', errorWorld(2, { ...rough, historyWindows: 0 }), usual),
    sickCell('errors × 3', errorWorld(3, rough), usual, { ...within(19), beatsKayenta: true }),
    sickCell('errors × 5', errorWorld(5, rough), usual, { ...within(6.5), beatsKayenta: true }),
    sickCell('errors × 5, no history', errorWorld(5, { ...rough, historyWindows: 0 }), usual),
  ],
};

const bursts: Scenario = {
  name: 'bursts',
  title: 'H.3 bursts of errors, healthy canaries',
  rules: allRules,
  settings: errorSettings,
  cells: [4, 10].flatMap((burst) => [
    healthyCell(`bursts of ${burst}`, errorWorld(1, { burst }), strict),
    healthyCell(`bursts of ${burst}, no history`, errorWorld(1, { burst, historyWindows: 0 }), strict),
    healthyCell(`bursts of ${burst}, usual margin`, errorWorld(1, { burst, historyWindows: 0 }), usual),
  ]),
};

/** The share of errors three times as high at the end of the hour as at its start, or the other way round. */
const rising = (window: number): number => 0.005 * (1 + (2 * Math.max(0, window)) / windows);
const falling = (window: number): number => 0.005 * (3 - (2 * Math.max(0, window)) / windows);

const simpson: Scenario = {
  name: 'simpson',
  title: 'Simpson: share and base rate change together',
  rules: allRules,
  settings: { ...errorSettings, threshold: 0.02 },
  cells: [
    healthyCell('A/A, errors rise', errorWorld(1, { baseline: rising }), strict),
    healthyCell('A/A, errors fall', errorWorld(1, { baseline: falling }), strict),
    sickCell('errors × 1.5, errors fall', errorWorld(1.5, { baseline: falling }), strict, { rollbackAtLeast: 0.9 }),
    sickCell('errors × 2, errors fall', errorWorld(2, { baseline: falling }), usual, { rollbackAtLeast: 0.9 }),
  ],
};

const border = { relative: 0.25, absolute: 0.001 };
const promoting: TemplateShape = { kind: 'errors', margin: border, promoteEarly: true };
const atTheMargin = (window: number): number => (1 + border.relative) * swinging(window) + border.absolute;

const promote: Scenario = {
  name: 'promote',
  title: 'H.4 promote: margin 25 % + 0.1 points, ends at the first proof of safety',
  rules: [],
  settings: errorSettings,
  cells: [1, 4].flatMap((burst) => [
    { ...healthyCell(`A/A, bursts of ${burst}`, errorWorld(1, { burst }), promoting), promise: { rollbackAtMost: falseRollback } },
    sickCell(`at the margin, bursts of ${burst}`, errorWorld(1, { burst, canary: atTheMargin }), promoting, {
      promoteAtMost: falsePromote,
    }),
    sickCell(`errors × 1.5, bursts of ${burst}`, errorWorld(1.5, { burst }), promoting, { promoteAtMost: falsePromote }),
    sickCell(`errors × 2, bursts of ${burst}`, errorWorld(2, { burst }), promoting, { promoteAtMost: falsePromote }),
    sickCell(`errors × 2, bursts of ${burst}, no history`, errorWorld(2, { burst, historyWindows: 0 }), promoting, {
      promoteAtMost: falsePromote,
    }),
  ]),
};

const onset = 160;

const lateOnset: Scenario = {
  name: 'late-onset',
  title: 'H.8 harm that begins at minute 40 (minutes count from there)',
  rules: allRules,
  settings: errorSettings,
  cells: [
    {
      ...sickCell(
        'errors × 3 from minute 40',
        errorWorld(1, { baseline: steady, canary: (window) => (window < onset ? 1 : 3) * steady() }),
        usual,
        {
          minutesAtMost: 8 * 0.25,
        },
      ),
      onset,
    },
    {
      ...sickCell(
        'good start: × 0.7, then × 2',
        errorWorld(1, { canary: (window) => (window < onset ? 0.7 : 2) * swinging(window) }),
        strict,
        {
          rollbackAtLeast: 0.95,
        },
      ),
      onset,
    },
  ],
};

function latencyWorld(canarySlowness: number): LatencyWorld {
  return {
    kind: 'latency',
    windows,
    windowSeconds,
    historyWindows: 40,
    requestsPerSecond: 100,
    load: () => 1,
    canaryShare: inSteps,
    medianSeconds: 0.1,
    sigma: 0.6,
    slowness: (window) => 1 + 0.2 * hourly(window),
    canarySlowness,
  };
}

const quantileScore: Readonly<Record<number, number>> = { 0.5: 0, 0.95: 1.645, 0.99: 2.326 };

/** Canary requests in the study, as minutes: 75 a window while the share is 5 %. */
const soon = (requests: number): Pledge => within(requests / (75 * 4));

function latency(percentile: 0.5 | 0.95 | 0.99, requests: readonly [number, number]): Scenario {
  const shape: TemplateShape = { kind: 'latency', percentile, margin: none };
  const usually = 0.1 * Math.exp(0.6 * (quantileScore[percentile] ?? 0));
  return {
    name: `latency-p${100 * percentile}`,
    title: `H.5 latency p${100 * percentile}: log-normal, swinging by 20 %`,
    rules: ['kayenta', 'threshold', 'ratio'],
    costly: true,
    settings: { percentile, threshold: 1.24 * usually, ratio: 1.2 },
    cells: [
      healthyCell('A/A, margin 0', latencyWorld(1), shape),
      sickCell('10 % slower', latencyWorld(1.1), shape, soon(requests[0])),
      sickCell('25 % slower', latencyWorld(1.25), shape, soon(requests[1])),
      sickCell(
        'at the margin of 20 %',
        latencyWorld(1.2),
        { ...shape, margin: { relative: 0.2, absolute: 0 }, promoteEarly: true },
        {
          promoteAtMost: falsePromote,
        },
      ),
      { ...healthyCell('A/A, margin 20 %', latencyWorld(1), { ...shape, margin: { relative: 0.2, absolute: 0 }, promoteEarly: true }) },
    ],
  };
}

function gaugeWorld(autocorrelation: number, shift: number): GaugeWorld {
  return {
    kind: 'gauge',
    windows,
    windowSeconds,
    historyWindows: 0,
    requestsPerSecond: 0,
    load: () => 1,
    canaryShare: inSteps,
    autocorrelation,
    shift,
  };
}

const level: TemplateShape = { kind: 'gauge', margin: none };

const gauges: Scenario = {
  name: 'gauges',
  title: 'H.6 gauges whose difference has memory (AR(1)), no history',
  rules: ['kayenta', 'z-test'],
  settings: errorSettings,
  cells: [
    ...[0, 0.5, 0.8, 0.95].map((rho) => healthyCell(`A/A, autocorrelation ${rho}`, gaugeWorld(rho, 0), level)),
    sickCell('1 sd higher, autocorrelation 0.5', gaugeWorld(0.5, 1), level, { rollbackAtLeast: 0.9 }),
    sickCell('2 sd higher, autocorrelation 0.8', gaugeWorld(0.8, 2), level),
  ],
};

const ten = Array.from({ length: 10 }, (_, index) => `m${index}`);

const tenMetrics: Scenario = {
  name: 'ten-metrics',
  title: 'H.8 ten independent error rates',
  costly: true,
  rules: allRules,
  settings: errorSettings,
  cells: [
    healthyCell('A/A, margin 0', errorWorld(1, { metrics: ten }), { ...strict, metrics: ten }),
    sickCell(
      '3 of 10 have twice the errors',
      errorWorld(1, { metrics: ten, canary: (window, metric) => (metric < 3 ? 2 : 1) * swinging(window) }),
      { ...usual, metrics: ten },
      { rollbackAtLeast: 0.9 },
    ),
  ],
};

const pods: Scenario = {
  name: 'pods',
  title: 'D.6 pods that differ by 30 %: a known limit, no promise',
  rules: allRules,
  settings: errorSettings,
  cells: [1, 5].map((canary) => ({
    ...healthyCell(
      `A/A, ${canary} canary pod${canary > 1 ? 's' : ''}`,
      errorWorld(1, { podSpread: 0.3, pods: { baseline: 10, canary } }),
      usual,
    ),
    promise: {},
  })),
};

const lowTraffic: Scenario = {
  name: 'low-traffic',
  title: 'H.7 minutes to promote and to rollback, base 0.5 %, by traffic',
  rules: [],
  settings: errorSettings,
  cells: (
    [
      [10, 0.5, 30, 38, 3.5],
      [100, 0.05, 15.5, 18, 2],
      [100, 0.5, 3.2, 4.2, 0.8],
      [1000, 0.05, 1.8, 2.2, 0.8],
    ] as const
  ).flatMap(([requestsPerSecond, share, _, twice, fivefold]) => {
    const where = `${requestsPerSecond}/s, ${100 * share} % canary`;
    const world = (ratio: number): ErrorWorld => errorWorld(ratio, { requestsPerSecond, canaryShare: () => share, baseline: steady });
    return [
      {
        ...healthyCell(`${where}: promote at 50 % + 0.1`, world(1), {
          kind: 'errors' as const,
          margin: { relative: 0.5, absolute: 0.001 },
          promoteEarly: true,
        }),
      },
      sickCell(`${where}: errors × 2`, world(2), usual, within(twice)),
      sickCell(`${where}: errors × 5`, world(5), usual, within(fivefold)),
    ];
  }),
};

const wide = { relative: 0, absolute: 0.01 };

/** A fresh service with a handful of requests a second, half of them on the canary. */
const fresh = (baseline: number, canary: number, burst: number): ErrorWorld =>
  errorWorld(1, {
    requestsPerSecond: 12,
    historyWindows: 0,
    canaryShare: () => 0.5,
    baseline: () => baseline,
    canary: () => canary,
    burst,
  });

const rare: Scenario = {
  name: 'rare-errors',
  title: 'Rare errors on a fresh service: 6 requests a second each, no history',
  rules: allRules,
  settings: errorSettings,
  cells: [
    ...[1, 4, 10].map((burst) => healthyCell(`A/A, 0.2 %, bursts of ${burst}, margin 0`, fresh(0.002, 0.002, burst), strict)),
    ...[1, 4, 10].map((burst) =>
      healthyCell(`0.2 % and 1 point more, bursts of ${burst}, margin 1 point`, fresh(0.002, 0.012, burst), {
        kind: 'errors',
        margin: wide,
      }),
    ),
    ...[1, 4].map((burst) =>
      sickCell(`none and 3.5 %, bursts of ${burst}`, fresh(0, 0.035, burst), { kind: 'errors', margin: border }, { rollbackAtLeast: 0.9 }),
    ),
    ...[1, 4, 10].map((burst) =>
      sickCell(`none and 1 %, bursts of ${burst}, margin 1 point, promote early`, fresh(0, 0.01, burst), {
        kind: 'errors',
        margin: wide,
        promoteEarly: true,
      }),
    ),
    healthyCell('no errors at all, margin 1 point, promote early', fresh(0, 0, 1), { kind: 'errors', margin: wide, promoteEarly: true }),
    sickCell('none and 3.5 %, margin 1 point', fresh(0, 0.035, 1), { kind: 'errors', margin: wide }, { rollbackAtLeast: 0.9 }),
  ],
};

/** Every world of the study, in its order. */
export const scenarios: readonly Scenario[] = [
  independent,
  realistic,
  bursts,
  promote,
  simpson,
  lateOnset,
  latency(0.5, [825, 225]),
  latency(0.95, [1725, 300]),
  latency(0.99, [5550, 825]),
  gauges,
  tenMetrics,
  pods,
  lowTraffic,
  rare,
];
