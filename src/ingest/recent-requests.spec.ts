import { expect, it } from '@jest/globals';
import { seededRandom } from '../../test/support/random.js';
import { RecentRequests } from './recent-requests.js';

const names = (count: number, seed: number): bigint[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32)));
};

it('requests are met once, and none of the last ten thousand is forgotten', () => {
  const recent = new RecentRequests();
  const all = names(200_000, 1);
  let forgotten = 0;
  let mistaken = 0;
  all.forEach((name, index) => {
    if (recent.meet(name)) mistaken += 1;
    const earlier = all[index - 10_000];
    if (earlier !== undefined && index % 20 === 0 && !recent.meet(earlier)) forgotten += 1;
  });
  expect([mistaken, forgotten]).toEqual([0, 0]);
});

it('a request that one thread met is known to another, and a thread that ended in the middle stops nobody', () => {
  const memory = new SharedArrayBuffer(RecentRequests.bytes);
  const [one, other] = [new RecentRequests(memory), new RecentRequests(memory)];
  expect([one.meet(7n), other.meet(7n), other.meet(8n), one.meet(8n)]).toEqual([false, true, false, true]);
  new Int32Array(memory, RecentRequests.bytes - 4 * 2 * (1 << 15)).fill(1); // every group is locked for good
  expect([one.meet(9n), other.meet(9n)]).toEqual([false, true]);
});
