import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fits, followsRules } from './routing-rules.js';

const rollback = { decision: 'rollback', service: 'checkout', template: 'http-service' } as const;

describe('rules about who hears of what', () => {
  it('let everything through where they say nothing', () => {
    expect(followsRules({}, rollback)).toBe(true);
    expect(followsRules({ decisions: [], services: [], templates: [] }, { decision: null, service: null, template: 'x' })).toBe(true);
  });

  it.each([
    [{ decisions: ['rollback', 'hold'] }, true],
    [{ decisions: ['promote'] }, false],
    [{ services: ['pay*', 'check*'] }, true],
    [{ services: ['pay*'] }, false],
    [{ templates: ['*-service'] }, true],
    [{ decisions: ['rollback'], services: ['checkout'], templates: ['grpc*'] }, false],
  ] as const)('ask for all that they name: %j', (rules, expected) => {
    expect(followsRules(rules, rollback)).toBe(expected);
  });

  it('never take a run without a decision or a service for one that has it', () => {
    expect(followsRules({ decisions: ['promote', 'hold', 'rollback'] }, { ...rollback, decision: null })).toBe(false);
    expect(followsRules({ services: ['*'] }, { ...rollback, service: null })).toBe(false);
  });

  it.each([
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*b*', 'abc', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'ac', false],
    ['a*bc*c', 'abc', false],
    ['a.c', 'abc', false],
  ])('%s fits %s: %p', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });

  it('fit as a pattern of anchored texts would, whatever is in them', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const expected = new RegExp(
          `^${pattern
            .split('*')
            .map((part) => part.replace(/[.]/g, '\\.'))
            .join('[^]*')}$`,
        ).test(text);
        expect(fits(pattern, text)).toBe(expected);
      }),
      { numRuns: 2000, seed: 9 },
    );
  });
});
