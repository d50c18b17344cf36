import { describe, expect, it } from '@jest/globals';
import { sampleRun, sampleVerdict } from '../../../test/support/sample-run.js';
import { atPresentWeight } from './present-verdict.js';

const start = sampleRun().from;
const phaseSafe = (elapsedSeconds: number) => sampleVerdict({ decision: 'promote', code: 'phase-safe', elapsedSeconds });
const raisedAfter = (seconds: number) => [
  { at: start, weight: 0.05, phase: 0 },
  { at: new Date(start.getTime() + seconds * 1000), weight: 0.2, phase: 1 },
];

describe('a run that is safe in a phase', () => {
  it.each([
    [300, 'hold'],
    [314, 'hold'],
    [315, 'promote'],
    [600, 'promote'],
  ])('with a weight since second 300, judged until second %d, says %s', (judged, decision) => {
    const run = sampleRun({ phaseChanges: raisedAfter(300), verdict: phaseSafe(judged) });
    expect(atPresentWeight(run).verdict?.decision).toBe(decision);
  });

  it.each([
    ['all-safe', 'promote', true],
    ['baking', 'promote', false],
    ['harm-evidence', 'rollback', true],
    ['insufficient-evidence', 'hold', false],
  ] as const)('is another thing than one that is %s', (code, decision, final) => {
    const run = sampleRun({ phaseChanges: raisedAfter(300), verdict: sampleVerdict({ code, decision, final, elapsedSeconds: 15 }) });
    expect(atPresentWeight(run)).toBe(run);
  });

  it('has no verdict before its first look', () => {
    expect(atPresentWeight(sampleRun()).verdict).toBeNull();
  });
});
