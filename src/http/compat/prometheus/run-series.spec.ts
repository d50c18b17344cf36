import { describe, expect, it } from '@jest/globals';
import { sampleRun, sampleVerdict } from '../../../../test/support/sample-run.js';
import type { Verdict } from '../../../domain/index.js';
import { seriesOf } from './run-series.js';

const verdictOf = (verdict: Verdict | null): number | undefined =>
  seriesOf(sampleRun(), verdict).find(({ labels }) => labels['__name__'] === 'assay_verdict')?.value;

describe('the number of a verdict', () => {
  it.each<[number, string, Partial<Verdict> | null]>([
    [0, 'nothing was looked at', null],
    [0, 'it holds', { decision: 'hold', code: 'insufficient-evidence' }],
    [0, 'it is safe in one phase of several', { decision: 'promote', code: 'phase-safe', final: false }],
    [1, 'it is safe', { decision: 'promote', code: 'all-safe' }],
    [-1, 'it does harm', { decision: 'rollback', code: 'harm-evidence' }],
  ])('is %i where %s', (number, _, verdict) => {
    expect(verdictOf(verdict && sampleVerdict(verdict))).toBe(number);
  });
});
