import { describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

describe('the circuit breaker', () => {
  const failing = (times: readonly number[]): CircuitBreaker => {
    const breaker = new CircuitBreaker();
    for (const at of times) breaker.failed(at);
    return breaker;
  };

  it('rests for 15 s after five failures within 30 s, then lets one question try', () => {
    const breaker = failing([0, 1_000, 2_000, 3_000, 4_000]);
    expect(breaker.allows(18_999)).toBe(false);
    expect(breaker.allows(19_000)).toBe(true);
    expect(breaker.allows(19_001)).toBe(false);
    breaker.succeeded();
    expect(breaker.allows(19_002)).toBe(true);
  });

  it('rests again when the one that tried fails', () => {
    const breaker = failing([0, 0, 0, 0, 0]);
    expect(breaker.allows(15_000)).toBe(true);
    breaker.failed(15_100);
    expect(breaker.allows(30_000)).toBe(false);
  });

  it('forgets failures that are far apart, or followed by a success', () => {
    expect(failing([0, 10_000, 20_000, 30_000, 40_000]).allows(40_001)).toBe(true);
    const breaker = failing([0, 0, 0, 0]);
    breaker.succeeded();
    breaker.failed(1);
    expect(breaker.allows(2)).toBe(true);
  });
});
