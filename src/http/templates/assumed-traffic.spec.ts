import { describe, expect, it } from '@jest/globals';
import { assumedTrafficOf } from './assumed-traffic.js';

describe('the traffic that a caller assumes', () => {
  it('needs a rate, and the rest has defaults', () => {
    expect(assumedTrafficOf({ requestsPerSecond: 20 })).toEqual({
      requestsPerSecond: 20,
      requestsByMetric: {},
      share: null,
      levels: {},
      phi: 1,
      harm: 2,
    });
    const all = { requestsPerSecond: 20, requestsByMetric: { pay: 2 }, share: 0.05, levels: { errors: 0 }, phi: 4, harm: 1.5 };
    expect(assumedTrafficOf(all)).toEqual(all);
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['no rate', {}],
    ['a rate of zero', { requestsPerSecond: 0 }],
    ['a rate in words', { requestsPerSecond: '20' }],
    ['more than anybody serves', { requestsPerSecond: 1e300 }],
    ['a share above 1', { requestsPerSecond: 20, share: 5 }],
    ['less than one burst', { requestsPerSecond: 20, phi: 0.5 }],
    ['harm that is none', { requestsPerSecond: 20, harm: 1 }],
    ['levels that are a list', { requestsPerSecond: 20, levels: [1] }],
    ['a level below zero', { requestsPerSecond: 20, levels: { errors: -1 } }],
    [
      'levels of a thousand metrics',
      { requestsPerSecond: 20, levels: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`m${i}`, 1])) },
    ],
    ['an unknown field', { requestsPerSecond: 20, rps: 3 }],
  ])('is refused where it is %s', (_, value) => expect(() => assumedTrafficOf(value)).toThrow(/traffic/));
});
