import { describe, expect, it } from '@jest/globals';
import { sampleEvidence, sampleRun, sampleTemplate, sampleVerdict } from '../../test/support/sample-run.js';
import type { Run } from '../domain/index.js';
import { regressedVariants } from './regressed-variants.js';

const group = (...eValues: readonly (number | null)[]): Run[] =>
  eValues.map((eValue, index) =>
    sampleRun({
      id: `run_${index}`,
      template: sampleTemplate({ budget: { falseRollback: 0.01 / eValues.length, falsePromote: 0.05 } }),
      verdict: eValue === null ? null : sampleVerdict({ evidence: [sampleEvidence({ role: 'critical', logHarm: Math.log(eValue) })] }),
    }),
  );

describe('the variants that regressed', () => {
  it('are those that would be rolled back alone, and then more easily the more there are', () => {
    expect(regressedVariants(group(301, 299, 1)).regressed).toEqual(['run_0', 'run_1']); // 3/α, and 3/(2α) for the second
    expect(regressedVariants(group(299, 1, 1)).regressed).toEqual([]);
    expect(regressedVariants(group(101, 101, 101)).regressed).toEqual(['run_0', 'run_1', 'run_2']);
  });

  it('are judged at the budget of the whole group', () => {
    expect(regressedVariants(group(1, 1)).falseDiscoveryRate).toBeCloseTo(0.01, 12);
  });

  it('are none where nothing was looked at, and survive evidence beyond every number', () => {
    expect(regressedVariants(group(null, null)).regressed).toEqual([]);
    const [proven, unseen] = group(1, null);
    const certain = { ...proven, verdict: sampleVerdict({ evidence: [sampleEvidence({ role: 'critical', logHarm: 5000 })] }) } as Run;
    expect(regressedVariants([certain, unseen as Run]).regressed).toEqual(['run_0']);
  });

  it('keep the harm of a metric that may be missing, as the verdict of the run does', () => {
    const missing = { cause: 'stale', policy: 'ignore', detail: 'no canary data for 75 s' } as const;
    const [first, second] = group(1, 1);
    const evidence = [sampleEvidence({ role: 'critical', logHarm: 9, missing })];
    expect(regressedVariants([{ ...first, verdict: sampleVerdict({ evidence }) } as Run, second as Run]).regressed).toEqual(['run_0']);
  });
});
