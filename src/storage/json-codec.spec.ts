import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeJson, encodeJson } from './json-codec.js';

const anything = fc.anything({
  values: [
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Infinity', '-Infinity', 'NaN', '-0', '~NaN', '~~Infinity', '\0', '\ud800'),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0),
  ],
  withObjectString: false,
});

it('gives back every value it was given, infinities, NaN, −0 and texts that look like them included', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(decodeJson(encodeJson(value))).toEqual(value);
    }),
  );
});

it('writes the same bytes for what it has read as for what it was given', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const bytes = encodeJson(value);
      expect(encodeJson(decodeJson(bytes))).toBe(bytes);
    }),
  );
});

it('keeps the order of keys, and bounds that are not there yet', () => {
  const effect = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, estimate: null, a: 'Infinity' };
  expect(encodeJson(effect)).toBe('{"low":"-Infinity","high":"Infinity","estimate":null,"a":"~Infinity"}');
});
