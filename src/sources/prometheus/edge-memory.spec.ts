import { describe, expect, it } from '@jest/globals';
import { EdgeMemory, following, type Snapshot } from './edge-memory.js';

const snapshot = (values: Record<string, number>, earlier: Record<string, number> = {}): Snapshot => ({
  present: held(values),
  earlier: held(earlier),
  notes: [],
});
const held = (values: Record<string, number>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { labels: { name }, value }]));

describe('the memory of edges', () => {
  it('forgets what was not used for longest when it is full', () => {
    const memory = new EdgeMemory(6);
    memory.remember('a', 1, snapshot({ x: 1 }));
    memory.remember('b', 1, snapshot({ x: 1 }));
    memory.recall('a', 1);
    memory.remember('c', 1, snapshot({ x: 1, y: 1 }));
    expect([memory.recall('a', 1), memory.recall('b', 1), memory.recall('c', 1)].map((found) => found !== null)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is not filled by remembering the same edge again', () => {
    const memory = new EdgeMemory(4);
    memory.remember('a', 1, snapshot({}));
    for (let i = 0; i < 100; i++) memory.remember('b', 1, snapshot({ x: i }));
    expect(memory.recall('a', 1)).not.toBeNull();
    expect(memory.recall('b', 1)?.present.get('x')?.value).toBe(99);
  });

  it('keeps where missing series stood, until they return', () => {
    const first = following(snapshot({ x: 1, y: 5 }, { old: 9 }), snapshot({ x: 2 }), 10);
    expect([...first.earlier.keys()]).toEqual(['old', 'y']);
    expect([...following(first, snapshot({ y: 6 }), 10).earlier.keys()]).toEqual(['old', 'x']);
    expect(following(first, snapshot({}), 2).earlier.size).toBe(2);
  });
});
