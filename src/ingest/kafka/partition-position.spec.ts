import { describe, expect, it } from '@jest/globals';
import { PartitionPosition } from './partition-position.js';

const positionAt = (offset: number, completeUntil = 0): PartitionPosition =>
  new PartitionPosition('traces', { topic: 't', partition: 0, stored: offset, offset, readFrom: offset, completeUntil });

describe('a partition that is read', () => {
  it('is complete up to the question, when the answer was that there is no more', () => {
    const position = positionAt(10);
    position.heard(1_000, 10);
    expect(position.readUntil).toBe(1_000);
    position.heard(2_000, 10);
    expect(position.readUntil).toBe(2_000);
  });

  it('is complete up to when its end was where we are now, however far that end has run ahead', () => {
    const position = positionAt(0);
    position.heard(1_000, 100);
    expect([position.readUntil, position.lag]).toEqual([0, 100]);
    position.offset = 60;
    position.heard(2_000, 150);
    expect(position.readUntil).toBe(0);
    position.offset = 100;
    position.heard(3_000, 200);
    expect([position.readUntil, position.lag]).toEqual([1_000, 100]);
    position.offset = 200;
    position.heard(4_000, 230);
    expect(position.readUntil).toBe(3_000);
  });

  it('never becomes less complete', () => {
    const position = positionAt(5, 9_000);
    position.heard(1_000, 5);
    expect(position.readUntil).toBe(9_000);
  });

  it('tells the store of nothing that it knows', () => {
    const position = positionAt(5, 1_000);
    expect(position.move()).toBeNull();
    position.offset = 8;
    position.heard(2_000, 8);
    const move = position.move();
    expect(move).toEqual({ topic: 't', partition: 0, from: 5, to: 8, completeUntil: 2_000 });
    if (move) position.wasStored(move);
    expect(position.move()).toBeNull();
  });

  it('is not moved by records that it only remembers', () => {
    const remembering = new PartitionPosition('traces', {
      topic: 't',
      partition: 0,
      stored: 50,
      offset: 50,
      readFrom: 20,
      completeUntil: 7,
    });
    expect(remembering.move()).toBeNull();
  });
});
