import { expect, it } from '@jest/globals';
import { RecentRecords } from './recent-records.js';

it('a log forgets no request among its last 65 536, and few of older ones take memory', () => {
  const recent = new RecentRecords();
  const fingerprintOf = (index: number): bigint => BigInt(index) << 30n; // one slot, where slots are shared
  const known = (from: number, to: number): number => {
    let count = 0;
    for (let index = from; index < to; index += 1) count += recent.meet(fingerprintOf(index)) ? 1 : 0;
    return count;
  };
  expect(known(0, 200_000)).toBe(0);
  expect(known(200_000 - 65_536, 200_000)).toBe(65_536);
  expect(recent.meet(fingerprintOf(0))).toBe(false);
});
