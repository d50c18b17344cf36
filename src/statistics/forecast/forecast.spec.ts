import { describe, expect, it } from '@jest/globals';
import { randomNormal, randomPoisson, seededRandom } from '../../../test/support/random.js';
import type { AffineMargin, Side } from '../betting/affine-margin.js';
import { betCount } from '../betting/bet-grid.js';
import { bet1Increments } from '../betting/bet1-increments.js';
import { bet2Increments } from '../betting/bet2-increments.js';
import { bet2PoissonIncrements } from '../betting/bet2-poisson-increments.js';
import { logSumExp } from '../special/log-sum-exp.js';
import { betGrowth } from './bet-growth.js';
import { firstPassageMedian } from './first-passage-median.js';
import { limitGrowth } from './limit-growth.js';
import { rateGrowth, rateLimitGrowth } from './rate-growth.js';
import { observationsToEvidence, windowsToEvidence } from './windows-to-evidence.js';

const runs = 300;

/** Median number of windows that simulated runs take until the mixture reaches the level. */
function simulatedWindows(logE: number, increments: () => Float64Array): number {
  const needed = Array.from({ length: runs }, () => {
    const sums = new Float64Array(betCount);
    for (let windows = 1; ; windows++) {
      const added = increments();
      for (let k = 0; k < betCount; k++) sums[k] = (sums[k] as number) + (added[k] as number);
      if (logSumExp(sums) - Math.log(betCount) >= logE) return windows;
    }
  }).sort((a, b) => a - b);
  return needed[runs / 2] as number;
}

/** Rare events one by one, frequent ones as the normal numbers that so many of them are. */
function binomial(total: number, p: number, random: () => number): number {
  if (p < 0.05) return Math.min(total, randomPoisson(total * p, random));
  return Math.min(total, Math.max(0, Math.round(total * p + Math.sqrt(total * p * (1 - p)) * randomNormal(random))));
}

interface Setting {
  readonly canary: number;
  readonly baseline: number;
  readonly totals: readonly [number, number];
  readonly margin: AffineMargin;
  readonly side: Side;
  readonly base?: number;
}

const plain: AffineMargin = { ratio: 1, offset: 0 };
const usual: AffineMargin = { ratio: 1.1, offset: 0.0005 };
const safe = { side: 'safe' } as const;
const harm = { side: 'harm' } as const;
const settings: [string, Setting][] = [
  ['safe at half of the traffic', { canary: 0.005, baseline: 0.005, totals: [4000, 4000], margin: usual, ...safe }],
  ['safe at 5 %', { canary: 0.005, baseline: 0.005, totals: [300, 5700], margin: { ratio: 1.5, offset: 0.001 }, ...safe }],
  [
    'safe within the first step of a ladder',
    { canary: 0.005, baseline: 0.005, totals: [40, 760], margin: { ratio: 3, offset: 0.005 }, ...safe },
  ],
  [
    'safe by a relative margin alone',
    { canary: 0.005, baseline: 0.005, totals: [4000, 4000], margin: { ratio: 1.25, offset: 0 }, ...safe },
  ],
  ['safe where nobody sees an error', { canary: 0, baseline: 0, totals: [200, 3800], margin: { ratio: 1.25, offset: 0.001 }, ...safe }],
  ['safe at a frequent event', { canary: 0.4, baseline: 0.4, totals: [600, 600], margin: { ratio: 1.05, offset: 0 }, base: 0.4, ...safe }],
  ['safe with a base that loses power', { canary: 0.4, baseline: 0.4, totals: [1200, 1200], margin: { ratio: 1.05, offset: 0 }, ...safe }],
  ['a p95 that did not move, margin 20 %', { canary: 0.026, baseline: 0.05, totals: [40, 760], margin: plain, base: 0.05, ...safe }],
  ['errors × 1.5', { canary: 0.0075, baseline: 0.005, totals: [1200, 1200], margin: plain, ...harm }],
  ['errors × 2 at 5 %', { canary: 0.01, baseline: 0.005, totals: [300, 5700], margin: usual, ...harm }],
  ['errors × 5 at 5 %', { canary: 0.025, baseline: 0.005, totals: [30, 570], margin: usual, ...harm }],
  ['a p95 that is half slower, margin 20 %', { canary: 0.1, baseline: 0.05, totals: [20, 380], margin: plain, base: 0.05, ...harm }],
];

describe('the forecast of the time to a verdict', () => {
  it.each(settings)('lies within 15 % of the simulated median: %s', (_, setting) => {
    const { canary, baseline, totals, margin, side, base = 0 } = setting;
    const logE = side === 'safe' ? Math.log(20) : Math.log(100);
    const random = seededRandom(11);
    const simulated = simulatedWindows(logE, () =>
      bet2Increments(
        {
          canaryTotal: totals[0],
          canaryEvents: binomial(totals[0], canary, random),
          baselineTotal: totals[1],
          baselineEvents: binomial(totals[1], baseline, random),
          phi: 1,
          base,
        },
        margin,
        side,
      ),
    );
    const growth = betGrowth({ canary, baseline }, { kappa: totals[0] / totals[1], base, margin, side });
    const forecast = windowsToEvidence([{ windows: Infinity, observations: totals[0], growth }], { logE, phi: 1 });
    expect(forecast).toBeGreaterThan(0.85 * simulated - 1);
    expect(forecast).toBeLessThan(1.15 * simulated);
  });

  it('lies within 15 % for rates and for limits', () => {
    const random = seededRandom(5);
    const against = (events: number) => bet1Increments({ total: 200, events, phi: 1 }, 0.01, 'safe');
    const toLimit = simulatedWindows(Math.log(20), () => against(randomPoisson(200 * 0.005, random)));
    const below = limitGrowth(0.005, 0.01, 'safe');
    expect(Math.abs(observationsToEvidence(below, { logE: Math.log(20), phi: 1 }) / 200 / toLimit - 1)).toBeLessThan(0.15);

    const margin = { ratio: 1.2, offset: 0 };
    const rates = { canary: 2, baseline: 1 };
    const counted = () => ({ canaryEvents: randomPoisson(10 * 2, random), baselineEvents: randomPoisson(40, random) });
    const window = () => ({ canaryExposure: 10, baselineExposure: 40, phi: 1, ...counted() });
    const found = simulatedWindows(Math.log(100), () => bet2PoissonIncrements(window(), margin, 'harm'));
    const forecast = observationsToEvidence(rateGrowth(rates, { kappa: 0.25, margin, side: 'harm' }), { logE: Math.log(100), phi: 1 });
    expect(Math.abs(forecast / 10 - found)).toBeLessThan(1);
  });

  it('asks for φ times as many observations of bursts of φ', () => {
    const growth = betGrowth({ canary: 0.01, baseline: 0.005 }, { kappa: 0.1, base: 0, margin: plain, side: 'harm' });
    const alone = observationsToEvidence(growth, { logE: 5, phi: 1 });
    expect(observationsToEvidence(growth, { logE: 5, phi: 4 })).toBeCloseTo(4 * alone, 6);
  });

  it('never comes where the truth is on the margin or on its other side', () => {
    const at = (canary: number, side: Side) => {
      const growth = betGrowth({ canary, baseline: 0.01 }, { kappa: 1, base: 0, margin: { ratio: 1.5, offset: 0 }, side });
      return observationsToEvidence(growth, { logE: 3, phi: 1 });
    };
    expect(at(0.015, 'harm')).toBe(Infinity);
    expect(at(0.015, 'safe')).toBe(Infinity);
    expect(at(0.012, 'harm')).toBe(Infinity);
    expect(at(0.012, 'safe')).toBeLessThan(Infinity);
    expect(observationsToEvidence(rateLimitGrowth(2, 1, 'safe'), { logE: 3, phi: 1 })).toBe(Infinity);
  });

  it('lets no single window decide where there is a cap, and ends with the last stretch', () => {
    const growth = betGrowth({ canary: 1, baseline: 0 }, { kappa: 1, base: 0, margin: usual, side: 'harm' });
    const stretch = { windows: Infinity, observations: 1000, growth };
    expect(windowsToEvidence([stretch], { logE: Math.log(100), phi: 1, cap: Math.log(10) })).toBeGreaterThanOrEqual(2);
    expect(windowsToEvidence([{ ...stretch, windows: 0.5, observations: 1 }], { logE: Math.log(100), phi: 1 })).toBe(Infinity);
  });

  it('counts what an early phase has gathered', () => {
    const growth = betGrowth({ canary: 0.01, baseline: 0.005 }, { kappa: 0.1, base: 0, margin: plain, side: 'harm' });
    const together = windowsToEvidence(
      [
        { windows: 10, observations: 50, growth },
        { windows: Infinity, observations: 500, growth },
      ],
      { logE: 4.6, phi: 1 },
    );
    const alone = windowsToEvidence([{ windows: Infinity, observations: 500, growth }], { logE: 4.6, phi: 1 });
    expect(together).toBeCloseTo(alone + 9, 3);
  });
});

describe('the information of one request', () => {
  it('is no more than that of the best of all bets', () => {
    const [pc, pb, kappa, theta] = [0.01, 0.005, 0.25, 1.2];
    const [q1, q0] = [((pc / pb) * kappa) / (1 + (pc / pb) * kappa), (theta * kappa) / (1 + theta * kappa)];
    const divergence = q1 * Math.log(q1 / q0) + (1 - q1) * Math.log((1 - q1) / (1 - q0));
    const best = (pc + pb / kappa) * divergence;
    const ofGrid = Math.max(
      ...betGrowth({ canary: pc, baseline: pb }, { kappa, base: 0, margin: { ratio: theta, offset: 0 }, side: 'harm' }).mean,
    );
    expect(ofGrid).toBeLessThanOrEqual(best);
    expect(ofGrid).toBeGreaterThan(0.98 * best);
  });
});

describe('the first passage', () => {
  it('is at the time of the drift without noise, and earlier with it', () => {
    expect(firstPassageMedian(Infinity)).toBe(1);
    expect(firstPassageMedian(1e6)).toBeCloseTo(1, 5);
    expect(firstPassageMedian(1)).toBeCloseTo(0.675841, 5); // R: statmod::qinvgauss(0.5, 1, 1)
    expect(() => firstPassageMedian(0)).toThrow(RangeError);
  });
});
