import { describe, expect, it } from '@jest/globals';
import { fuzz } from './fuzz.js';

// `npm run fuzz -- --payloads 100000 --seed 1` is the same at length
describe('2 400 damaged, spliced and unusual requests', () => {
  const { outcomes, differences, slowestMs } = fuzz({ payloads: 2_400, seed: 20261124 });

  it('are read or refused as by a decoder that is not ours', () => expect(differences).toEqual([]));

  it('are read as often as they are refused, so that both are compared', () => {
    for (const [, ofSignal] of outcomes) {
      expect(ofSignal.get('both read it, with the same counts and sums')).toBeGreaterThan(250);
      expect(ofSignal.get('both refuse it')).toBeGreaterThan(100);
    }
  });

  it('never take long', () => expect(slowestMs).toBeLessThan(4_000));
});
