import { describe, expect, it } from '@jest/globals';
import { HeapGuard } from './heap-guard.js';
import { ReceivingGate } from './receiving-gate.js';

describe('The guard of the heap', () => {
  it('holds back from four fifths on, until there is room again', () => {
    const shares = [0.5, 0.79, 0.81, 0.75, 0.71, 0.69, 0.75];
    const counted: number[] = [];
    const guard = new HeapGuard({ holdBack: () => counted.push(1) }, () => shares.shift() ?? 0);
    const after = shares.slice().map(() => {
      guard.check();
      return counted.length;
    });
    expect(after).toEqual([0, 0, 1, 2, 3, 3, 3]);
  });

  it('closes the gate of every thread, and never opens one that is closed for another reason', () => {
    const memory = new SharedArrayBuffer(ReceivingGate.bytes);
    const [one, other] = [new ReceivingGate(1, memory), new ReceivingGate(1, memory)];
    expect(other.state).toBe('open');
    new HeapGuard(one, () => 0.9).check();
    expect(other.state).toBe('overloaded');
    one.state = 'stopping';
    expect(other.state).toBe('stopping');
  });
});
