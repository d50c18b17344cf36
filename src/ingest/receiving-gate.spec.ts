import { describe, expect, it } from '@jest/globals';
import { ReceivingGate } from './receiving-gate.js';

const KiB = 1_024;
const twoThreads = (): [ReceivingGate, ReceivingGate] => {
  const memory = new SharedArrayBuffer(ReceivingGate.bytes);
  return [new ReceivingGate(10 * KiB, memory, 0), new ReceivingGate(10 * KiB, memory, 1)];
};

describe('The gate of all receiving threads', () => {
  it('counts bytes together, in steps of a kibibyte, until they are released', () => {
    const [one, other] = twoThreads();
    const [first, second] = [one.reservation(), other.reservation()];
    expect(first.add(6 * KiB)).toBe(true);
    expect(second.add(4 * KiB)).toBe(true);
    expect(second.add(1)).toBe(false);
    expect(one.reservation().add(0)).toBe(true);
    second.release();
    expect(first.add(4 * KiB)).toBe(true);
  });

  it('counts lines together', () => {
    const [one, other] = twoThreads().map((gate) => gate.lineCount(2)) as [
      ReturnType<ReceivingGate['lineCount']>,
      ReturnType<ReceivingGate['lineCount']>,
    ];
    expect([one.enter(), other.enter(), one.enter(), other.enter()]).toEqual([true, true, false, false]);
    one.leave();
    expect([other.enter(), one.enter()]).toEqual([true, false]);
  });

  it('forgets what a thread held that died, and nothing of the others', () => {
    const [one, other] = twoThreads();
    one.reservation().add(6 * KiB);
    other.reservation().add(4 * KiB);
    other.lineCount(1).enter();
    other.forgetThread();
    expect(other.lineCount(1).enter()).toBe(true);
    expect(other.reservation().add(4 * KiB)).toBe(true);
    expect(other.reservation().add(1)).toBe(false);
  });
});
