import { describe, expect, it } from '@jest/globals';
import { withoutIncidents } from './without-incidents.js';

const rates = (...events: number[]) => events.map((each) => ({ events: each, exposure: 15 }));
const usual = Array.from({ length: 60 }, (_, index) => 900 + 7 * (index % 20));

describe('the history of a rate', () => {
  it('leaves out an hour in which everything happened a hundred times', () => {
    expect(withoutIncidents(rates(...usual, 90_000, 100_000))).toEqual(rates(...usual));
  });

  it('keeps a busy hour and a quiet one', () => {
    const busy = rates(...usual, 4000, 0);
    expect(withoutIncidents(busy)).toEqual(busy);
  });

  it('keeps everything where few events are usual: a burst of ten is ten times as many', () => {
    const rare = rates(...usual.map((_, index) => index % 2), 40);
    expect(withoutIncidents(rare)).toEqual(rare);
  });
});
