import { describe, expect, it } from '@jest/globals';
import { InTurns, type Steps } from './in-turns.js';

const busyFor = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until; );
};

function* steps(name: string, count: number, done: string[], msEach = 0): Steps {
  for (let step = 0; step < count; step += 1) {
    busyFor(msEach);
    yield;
  }
  done.push(name);
}

const neverThrows = (error: unknown): void => {
  throw error;
};

describe('InTurns', () => {
  it('does what is small at once, in the order in which it came', () => {
    const done: string[] = [];
    const turns = new InTurns(neverThrows);
    turns.add(steps('first', 3, done));
    turns.add(steps('second', 1, done));
    expect(done).toEqual(['first', 'second']);
  });

  it('lets others in while it does what is long, and finishes a job before it begins the next', async () => {
    const done: string[] = [];
    const turns = new InTurns(neverThrows);
    let others = 0;
    const other = (): void => {
      others += 1;
      if (done.length < 2) setImmediate(other);
    };
    setImmediate(other);
    turns.add(steps('long', 20, done, 2));
    turns.add(steps('short', 1, done));
    expect(done).toEqual([]);
    await turns.finished();
    expect(done).toEqual(['long', 'short']);
    expect(others).toBeGreaterThanOrEqual(5);
  });

  it('keeps to its time when many jobs come within one turn', () => {
    const done: string[] = [];
    const turns = new InTurns(neverThrows);
    for (let job = 0; job < 100; job += 1) turns.add(steps(String(job), 1, done, 1));
    expect(done.length).toBeLessThan(20);
  });

  it('goes on after a job that throws, and tells of it', async () => {
    const done: string[] = [];
    const bugs: unknown[] = [];
    const turns = new InTurns((error) => bugs.push(error));
    turns.add(
      (function* (): Generator<void, void> {
        yield;
        throw new Error('a bug');
      })(),
    );
    turns.add(steps('after', 1, done));
    await turns.finished();
    expect([bugs, done]).toEqual([[new Error('a bug')], ['after']]);
  });

  it('does a job that another job adds after those that wait already', () => {
    const done: string[] = [];
    const turns = new InTurns(neverThrows);
    turns.add(
      (function* (): Generator<void, void> {
        turns.add(steps('added', 1, done));
        yield;
        done.push('adding');
      })(),
    );
    expect(done).toEqual(['adding', 'added']);
  });
});
