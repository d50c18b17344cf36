import type { Cell, ClosedWindow } from '../../src/domain/index.js';
import { randomNormal, randomPoisson, seededRandom } from './random.js';

const day = 86_400_000;
const minute = 60_000;

/** What happens to two regions, of which `eu` gets a release. */
export interface TwoRegions {
  /** start of the release, a whole minute since the epoch */
  readonly start: number;
  /** minutes before and after it, on each day */
  readonly before: number;
  readonly minutes: number;
  /** factor on everything of today, in both regions */
  readonly today?: number;
  /** factor on the region that gets the release, today, before it too */
  readonly apart?: number;
  /** factor of the release */
  readonly harm?: number;
}

/** Five days of two regions: each minute's errors among 3000 requests, and how much memory they take. */
export function twoRegions({ start, before, minutes, today = 1, apart = 1, harm = 1 }: TwoRegions, seed = 1): ClosedWindow[] {
  const random = seededRandom(seed);
  const windows: ClosedWindow[] = [];
  for (let daysAgo = 4; daysAgo >= 0; daysAgo -= 1) {
    const level = (daysAgo === 0 ? today : Math.exp(0.15 * randomNormal(random))) * 0.005;
    for (let index = -before; index < minutes; index += 1) {
      const from = start - daysAgo * day + index * minute;
      const isReleased = daysAgo === 0 && index >= 0;
      const own = (daysAgo === 0 ? apart : 1) * (isReleased ? harm : 1);
      const cells = [...cellsOf('eu', isReleased ? 'new' : 'old', level * own, random), ...cellsOf('us', 'old', 2 * level, random)];
      windows.push({ service: 'shop', from, to: from + minute, cells, flags: { late: 0, overflow: 0 } });
    }
  }
  return windows.sort((a, b) => a.from - b.from);
}

function cellsOf(region: string, version: string, share: number, random: () => number): Cell[] {
  const bad = randomPoisson(3000 * share, random);
  const attributes = { 'service.name': 'shop', 'service.version': version, region, kind: 'server' };
  const none = { sum: 0, sumOfSquares: 0, last: 0, histogram: null };
  const level = 100_000 * share * (1 + 0.02 * randomNormal(random));
  return [
    { signal: 'span', instrument: null, attributes: { ...attributes, status: 'unset' }, count: 3000 - bad, ...none },
    { signal: 'span', instrument: null, attributes: { ...attributes, status: 'error' }, count: bad, ...none },
    { signal: 'gauge', instrument: 'memory', attributes, count: 1, sum: level, sumOfSquares: level ** 2, last: level, histogram: null },
  ];
}
