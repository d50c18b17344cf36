import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anytimePValue } from './anytime-p-value.js';
import { calibratedEvidence } from './calibrated-evidence.js';

const logs = fc.array(fc.double({ min: -50, max: 50, noNaN: true }));

describe('the p-value that holds at every look', () => {
  it('is 1 over the largest e-value, and 1 while there is no evidence', () => {
    expect(anytimePValue([0.2, Math.log(40), 1])).toBeCloseTo(1 / 40, 12);
    expect(anytimePValue([-3, -1])).toBe(1);
    expect(anytimePValue([])).toBe(1);
    expect(() => anytimePValue([Number.NaN])).toThrow(RangeError);
  });

  it('never rises with another look', () =>
    fc.assert(fc.property(logs, logs, (earlier, later) => anytimePValue([...earlier, ...later]) <= anytimePValue(earlier))));
});

describe('a p-value as evidence', () => {
  it('is an e-value: 1 on average for uniform p-values', () => {
    for (const kappa of [0.2, 0.5, 0.9]) {
      const steps = 200_000;
      // substituting p = t^(1/κ) makes the integrand of ∫ κ p^(κ−1) dp constant
      let sum = 0;
      for (let i = 0; i < steps; i++) {
        const t = (i + 0.5) / steps;
        sum += (Math.exp(calibratedEvidence(t ** (1 / kappa), kappa)) * t ** (1 / kappa - 1)) / kappa;
      }
      expect(sum / steps).toBeCloseTo(1, 9);
    }
  });

  it('is κ at p = 1, and grows as p falls', () => {
    expect(calibratedEvidence(1)).toBeCloseTo(Math.log(0.5), 12);
    expect(calibratedEvidence(1e-6)).toBeCloseTo(Math.log(500), 12);
    expect(calibratedEvidence(0)).toBe(Infinity);
    expect(() => calibratedEvidence(1.1)).toThrow(RangeError);
    expect(() => calibratedEvidence(0.5, 1)).toThrow(RangeError);
  });
});
