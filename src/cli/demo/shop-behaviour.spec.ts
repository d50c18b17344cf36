import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../../../test/support/random.js';
import {
  answerOf,
  baselineRelease,
  canaryReleases,
  conditionsAt,
  type Release,
  type Route,
  releaseOf,
  routeOf,
  routes,
} from './shop-behaviour.js';

const calm = { latencyFactor: 1, errorFactor: 1 };

function day(release: Release, route: Route, requests = 20_000): { errorRatio: number; p50: number; p95: number } {
  const random = seededRandom(7);
  const answers = Array.from({ length: requests }, () => answerOf(release, route, calm, random));
  const sorted = answers.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const errors = answers.filter(({ status }) => status >= 500).length;
  return { errorRatio: errors / requests, p50: sorted[requests * 0.5] ?? 0, p95: sorted[requests * 0.95] ?? 0 };
}

describe('the demo shop', () => {
  it('knows its routes by method and path, and nothing else', () => {
    expect(routeOf('GET', '/products')).toBe('/products');
    expect(routeOf('GET', '/products/42')).toBe('/products/:id');
    expect(routeOf('POST', '/checkout')).toBe('/checkout');
    for (const [method, path] of [
      ['GET', '/checkout'],
      ['GET', '/products/:id/x'],
      ['GET', '/'],
      ['POST', '/products'],
    ] as const) {
      expect(routeOf(method, path)).toBeNull();
    }
  });

  it('shares all its requests out', () => {
    expect(routes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('fails four requests of a thousand in the baseline and in the healthy release', () => {
    expect(day(baselineRelease, '/checkout').errorRatio).toBeCloseTo(0.004, 2);
    expect(day(releaseOf('1.5.0'), '/checkout')).toEqual(day(baselineRelease, '/checkout'));
  });

  it('fails every eighth checkout in 1.5.1, and no more than usual elsewhere', () => {
    expect(day(releaseOf('1.5.1'), '/checkout').errorRatio).toBeCloseTo(0.12, 2);
    expect(day(releaseOf('1.5.1'), '/cart').errorRatio).toBeCloseTo(0.004, 2);
  });

  it('has a slow tail in 1.5.2 and an ordinary middle', () => {
    const [usual, slow] = [day(baselineRelease, '/checkout'), day(releaseOf('1.5.2'), '/checkout')];
    expect(slow.p50 / usual.p50).toBeLessThan(1.1);
    expect(slow.p95 / usual.p95).toBeGreaterThan(1.8);
  });

  it('has only the releases that it shows', () => {
    expect(canaryReleases.map(({ version }) => version)).toEqual(['1.5.0', '1.5.1', '1.5.2']);
    expect(() => releaseOf('2.0.0')).toThrow(RangeError);
  });

  it('answers in positive, finite time whatever the dice say', () => {
    const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.infiniteStream(dice), fc.constantFrom(...routes), fc.constantFrom(...canaryReleases), (rolls, { route }, release) => {
        const { latencyMs } = answerOf(release, route, calm, () => rolls.next().value);
        return latencyMs > 0 && latencyMs < 60_000;
      }),
    );
  });

  it('gives all processes the same bad moments, and few of them', () => {
    const moments = Array.from({ length: 2000 }, (_, slice) => conditionsAt(1_800_000_000_000 + 2000 * slice));
    expect(conditionsAt(1_800_000_000_999).errorFactor).toBe(conditionsAt(1_800_000_000_001).errorFactor);
    const hiccups = moments.filter(({ errorFactor }) => errorFactor > 1).length / moments.length;
    expect(hiccups).toBeGreaterThan(0.02);
    expect(hiccups).toBeLessThan(0.06);
  });
});
