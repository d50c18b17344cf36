import type { TemplateShape } from '../calibration-template.js';
import type { ErrorWorld } from '../worlds/world.js';
import { errorSettings, errorWorld, steady, strict, swinging, usual } from './error-worlds.js';
import { allRules, type Cell, falsePromote, gate, healthyCell, type Scenario, sickCell, within } from './scenario.js';

const border = { relative: 0.25, absolute: 0.001 };
const promoting: TemplateShape = { kind: 'errors', margin: border, promoteEarly: true };
const atTheMargin = (window: number): number => (1 + border.relative) * swinging(window) + border.absolute;

/** Promoted hardly ever: the canary is at its margin or beyond. */
const notSafe = (name: string, world: ErrorWorld, template = promoting): Cell =>
  sickCell(name, world, template, { promoteAtMost: falsePromote });

const promote: Scenario = {
  name: 'promote',
  title: 'H.4 promote: margin 25 % + 0.1 points, ends at the first proof of safety',
  rules: [],
  settings: errorSettings,
  cells: [1, 4].flatMap((burst) => [
    healthyCell(`A/A, bursts of ${burst}`, errorWorld(1, { burst }), promoting),
    gate(notSafe(`at the margin, bursts of ${burst}`, errorWorld(1, { burst, canary: atTheMargin }))),
    notSafe(`errors × 1.5, bursts of ${burst}`, errorWorld(1.5, { burst })),
    notSafe(`errors × 2, bursts of ${burst}`, errorWorld(2, { burst })),
    notSafe(`errors × 2, bursts of ${burst}, no history`, errorWorld(2, { burst, historyWindows: 0 })),
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
      ...gate(
        sickCell(
          'errors × 3 from minute 40',
          errorWorld(1, { baseline: steady, canary: (window) => (window < onset ? 1 : 3) * steady() }),
          usual,
          { minutesAtMost: 8 * 0.25 },
        ),
      ),
      onset,
    },
    {
      ...sickCell(
        'good start: × 0.7, then × 2',
        errorWorld(1, { canary: (window) => (window < onset ? 0.7 : 2) * swinging(window) }),
        strict,
        { rollbackAtLeast: 0.95 },
      ),
      onset,
    },
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
    healthyCell('A/A, margin 0', errorWorld(1, { metrics: ten }), strict),
    sickCell(
      '3 of 10 have twice the errors',
      errorWorld(1, { metrics: ten, canary: (window, metric) => (metric < 3 ? 2 : 1) * swinging(window) }),
      usual,
      { rollbackAtLeast: 0.9 },
    ),
  ],
};

/** Requests per second, canary's share, and the study's minutes for twice and five times the errors. */
const traffic = [
  [10, 0.5, 38, 3.5],
  [100, 0.05, 18, 2],
  [100, 0.5, 4.2, 0.8],
  [1000, 0.05, 2.2, 0.8],
] as const;

const lowTraffic: Scenario = {
  name: 'low-traffic',
  title: 'H.7 minutes to promote and to rollback, base 0.5 %, by traffic',
  rules: [],
  settings: errorSettings,
  cells: traffic.flatMap(([requestsPerSecond, share, twice, fivefold]) => {
    const where = `${requestsPerSecond}/s, ${100 * share} % canary`;
    const world = (ratio: number): ErrorWorld => errorWorld(ratio, { requestsPerSecond, canaryShare: () => share, baseline: steady });
    return [
      healthyCell(`${where}: promote at 50 % + 0.1`, world(1), {
        kind: 'errors',
        margin: { relative: 0.5, absolute: 0.001 },
        promoteEarly: true,
      }),
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

const wideMargin: TemplateShape = { kind: 'errors', margin: wide };
const wideEarly: TemplateShape = { kind: 'errors', margin: wide, promoteEarly: true };

const rare: Scenario = {
  name: 'rare-errors',
  title: 'Rare errors on a fresh service: 6 requests a second each, no history',
  rules: allRules,
  settings: errorSettings,
  cells: [
    ...[1, 4, 10].map((burst) => healthyCell(`A/A, 0.2 %, bursts of ${burst}, margin 0`, fresh(0.002, 0.002, burst), strict)),
    ...[1, 4, 10].map((burst) =>
      healthyCell(`0.2 % and 1 point more, bursts of ${burst}, margin 1 point`, fresh(0.002, 0.012, burst), wideMargin),
    ),
    ...[1, 4].map((burst) =>
      sickCell(`none and 3.5 %, bursts of ${burst}`, fresh(0, 0.035, burst), { kind: 'errors', margin: border }, { rollbackAtLeast: 0.9 }),
    ),
    ...[1, 4, 10].map((burst) =>
      sickCell(`none and 1 %, bursts of ${burst}, margin 1 point, promote early`, fresh(0, 0.01, burst), wideEarly),
    ),
    healthyCell('no errors at all, margin 1 point, promote early', fresh(0, 0, 1), wideEarly),
    sickCell('none and 3.5 %, margin 1 point', fresh(0, 0.035, 1), wideMargin, { rollbackAtLeast: 0.9 }),
  ],
};

export const decisions: readonly Scenario[] = [promote, lateOnset, tenMetrics, lowTraffic, rare];
