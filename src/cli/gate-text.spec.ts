import { describe, expect, it } from '@jest/globals';
import { type VerdictAnswer, verdictOf } from './assay-client.js';
import type { GateEnd } from './gate.js';
import { endAsDocument, endInWords, statusOf, tellAsLines } from './gate-text.js';

const verdict = (changes: object = {}): VerdictAnswer =>
  verdictOf(
    { run: 'run_1', decision: 'hold', final: false, code: 'warmup', reason: 'warming up', looks: 2, elapsedSeconds: 30, ...changes },
    'run_1',
  );

describe('what the gate says', () => {
  it('is a line for each change of the verdict, not for each look', () => {
    const kept: string[] = [];
    const listener = tellAsLines({ show: () => undefined, keep: (line) => kept.push(line), stop: () => undefined });
    listener.started('run_1');
    for (const looks of [2, 3, 4]) listener.answered(verdict({ looks }));
    listener.answered(verdict({ code: 'insufficient-evidence', reason: 'not enough yet' }));
    listener.answered(verdict({ decision: 'promote', code: 'all-safe', final: true }));
    expect(kept).toEqual(['run run_1', 'hold (warmup): warming up', 'hold (insufficient-evidence): not enough yet']);
  });

  it('tells where the run stands, as far as that is known', () => {
    expect(statusOf(verdict({ etaSeconds: 61.4 }))).toBe('hold · 2 looks · 30 s · about 61 s left\nwarming up');
    expect(statusOf(verdict({ elapsedSeconds: null }))).toBe('hold · 2 looks\nwarming up');
  });

  it('ends with the verdict, or with why there is none and how to come back', () => {
    const ends: GateEnd[] = [
      { kind: 'final', verdict: verdict({ decision: 'rollback', final: true, reason: 'error-rate is worse' }) },
      { kind: 'final', verdict: verdict({ final: true, code: 'cancelled', reason: 'cancelled by kim' }) },
      { kind: 'timeout', run: 'run_1', verdict: verdict() },
      { kind: 'timeout', run: null, verdict: null },
      { kind: 'failed', run: 'run_1', error: new Error('500 from the server') },
    ];
    expect(ends.map(endInWords)).toEqual([
      'rollback: error-rate is worse',
      'cancelled: cancelled by kim',
      'no final verdict in time (warming up); join again with --run run_1',
      'no final verdict in time',
      '500 from the server; join again with --run run_1',
    ]);
  });

  it('keeps control characters of others off the terminal', () => {
    expect(endInWords({ kind: 'final', verdict: verdict({ reason: 'a\u001b[2Jb\nc' }) })).toBe('hold: a [2Jb c');
  });

  it('gives machines the exit code, and never a final that was not one', () => {
    expect(endAsDocument({ kind: 'timeout', run: 'run_1', verdict: verdict({ decision: 'promote' }) }, 3)).toEqual({
      end: 'timeout',
      exitCode: 3,
      run: 'run_1',
      final: false,
      decision: 'promote',
      reason: 'no final verdict in time (warming up); join again with --run run_1',
    });
    expect(endAsDocument({ kind: 'final', verdict: verdict({ decision: 'promote', final: true }) }, 0)).toMatchObject({
      end: 'final',
      exitCode: 0,
      decision: 'promote',
      final: true,
    });
  });
});
