import { errorSettings, errorWorld, rough, strict, swinging, usual } from './error-worlds.js';
import { allRules, gate, healthyCell, hourly, type Scenario, sickCell, windows, within } from './scenario.js';

const independent: Scenario = {
  name: 'independent',
  title: 'H.1 independent errors',
  rules: allRules,
  settings: errorSettings,
  cells: [
    gate(healthyCell('A/A', errorWorld(1), usual)),
    gate(healthyCell('A/A, margin 0', errorWorld(1), strict)),
    gate(healthyCell('A/A, no history', errorWorld(1, { historyWindows: 0 }), strict)),
    gate(sickCell('errors × 1.5', errorWorld(1.5), usual, within(45))),
    gate(sickCell('errors × 2', errorWorld(2), usual, within(14))),
    sickCell('errors × 2, no history', errorWorld(2, { historyWindows: 0 }), usual),
    gate(sickCell('errors × 5', errorWorld(5), usual, within(1.8))),
  ],
};

const realistic: Scenario = {
  name: 'realistic',
  title: 'H.2 realistic: bursts of 3, unlike pods, swinging traffic and errors, growing share',
  rules: allRules,
  settings: errorSettings,
  cells: [
    gate(healthyCell('A/A', errorWorld(1, rough), usual)),
    gate(healthyCell('A/A, margin 0', errorWorld(1, rough), strict)),
    healthyCell('A/A, no history', errorWorld(1, { ...rough, historyWindows: 0 }), strict),
    gate(sickCell('errors × 1.5', errorWorld(1.5, rough), usual, { beatsKayenta: { rollback: 0.02, minutes: null } })),
    gate(sickCell('errors × 2', errorWorld(2, rough), usual, { ...within(58), beatsKayenta: { rollback: 0.43, minutes: null } })),
    gate(sickCell('errors × 2, podSpread: ignore', errorWorld(2, rough), { ...usual, ignorePods: true }, within(40))),
    sickCell('errors × 2, no history', errorWorld(2, { ...rough, historyWindows: 0 }), usual),
    gate(sickCell('errors × 3', errorWorld(3, rough), usual, { ...within(19), beatsKayenta: { rollback: 1, minutes: 22 } })),
    gate(sickCell('errors × 5', errorWorld(5, rough), usual, { ...within(6.5), beatsKayenta: { rollback: 1, minutes: 9.2 } })),
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
    healthyCell(`bursts of ${burst}, usual margin, no history`, errorWorld(1, { burst, historyWindows: 0 }), usual),
  ]),
};

const drift: Scenario = {
  name: 'drift',
  title: 'Day and night, and a share that grows with every window',
  rules: allRules,
  settings: errorSettings,
  cells: [
    healthyCell(
      'A/A, errors swing by 80 %, traffic by 60 %',
      errorWorld(1, { baseline: (window) => 0.005 * (1 + 0.8 * hourly(window)), load: (window) => 1 + 0.6 * hourly(window + windows / 4) }),
      strict,
    ),
    healthyCell(
      'A/A, share from 1 to 50 %',
      errorWorld(1, { canaryShare: (window) => 0.01 + (0.49 * window) / windows, baseline: (window) => swinging(window + windows / 2) }),
      strict,
    ),
  ],
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
    gate(healthyCell('A/A, errors rise', errorWorld(1, { baseline: rising }), strict)),
    gate(healthyCell('A/A, errors fall', errorWorld(1, { baseline: falling }), strict)),
    sickCell('errors × 1.5, errors fall', errorWorld(1.5, { baseline: falling }), strict, { rollbackAtLeast: 0.9 }),
    sickCell('errors × 2, errors fall', errorWorld(2, { baseline: falling }), usual, { rollbackAtLeast: 0.9 }),
  ],
};

export const errors: readonly Scenario[] = [independent, realistic, bursts, drift, simpson];
