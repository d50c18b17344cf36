import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequestError } from '../../../domain/index.js';
import { meaningOf, readHook } from './hook.js';

const canary = { name: 'checkout', namespace: 'shop', checksum: '6f9c1d' };
const said = (eventMessage: string) => meaningOf(readHook({ ...canary, metadata: { eventMessage } }));

describe('a hook', () => {
  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ ...canaryFields(), metadata: fc.jsonValue() })), (body) => {
        try {
          const hook = readHook(body);
          expect([hook.name, hook.namespace, hook.checksum].every((text) => text !== '')).toBe(true);
          expect(Object.values(hook.metadata).every((text) => typeof text === 'string')).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
        }
      }),
    );
  });

  it('keeps names that objects have by themselves', () => {
    const { metadata } = readHook(JSON.parse('{"name":"a","namespace":"b","checksum":"c","metadata":{"toString":"x"}}'));
    expect([metadata['toString'], metadata['constructor']]).toEqual(['x', undefined]);
  });

  it.each([
    [0, 0],
    [30, 30],
    [100, 100],
    [101, null],
    [-1, null],
    ['30', null],
    [undefined, null],
  ])('with canaryWeight %p has the weight %p', (canaryWeight, weight) => {
    expect(readHook({ ...canary, canaryWeight }).canaryWeight).toBe(weight);
  });
});

describe('an event', () => {
  it.each([
    ['Advance checkout.shop canary weight 20', 20],
    ['Advance checkout.shop canary weight 100', 100],
    ['Advance checkout.shop canary weight 0', null],
    ['Advance checkout.shop canary weight 2000', null],
    ['Advance checkout.shop canary weight', null],
    ['Advance checkout.shop canary iteration 2/10', null],
    ['Advance checkoutXshop canary weight 20', null],
    ['Halt Advance checkout.shop canary weight 20', null],
    ['', null],
  ])('%j declares %p percent', (message, percent) => {
    expect(said(message)).toEqual(percent === null ? null : { kind: 'weight', percent });
  });

  it('tells that a rollout starts, by the name of its target', () => {
    expect(said('Starting canary analysis for checkout.shop')).toEqual({ kind: 'starting' });
    expect(said('Starting canary analysis for checkout-deployment.shop')).toEqual({ kind: 'starting' });
    expect(said('Starting canary analysis for checkout.bank')).toBeNull();
    expect(said('Starting canary analysis for checkout.shop-2')).toBeNull();
  });
});

function canaryFields() {
  const text = fc.oneof(fc.constant('checkout'), fc.jsonValue());
  return { name: text, namespace: text, checksum: text };
}
