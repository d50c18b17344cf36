import { newRunJudge } from '../../src/analysis/judge.js';
import type { MeasuredWindow, Template } from '../../src/domain/index.js';
import { rollbackByFailures } from './rules/failed-checks.js';
import { rollbackByKayenta } from './rules/kayenta-each-minute.js';
import { rollbackByPeeking } from './rules/peeking.js';
import type { DrawnWorld } from './worlds/world.js';

/** When a judge said what: windows from the start of the run to the end of the deciding one; null: never. */
export interface Course {
  readonly rollback: number | null;
  readonly promote: number | null;
}

/** The product: every look of the run, until a verdict is final. */
export function judgeByAssay(template: Template, { history, windows }: DrawnWorld): Course {
  const judging = newRunJudge({ template, from: new Date(windows[0]?.from ?? 0) }, history);
  for (const [index, window] of windows.entries()) {
    judging.add(window);
    const { final, decision } = judging.verdict({ intervals: 'none' });
    if (final) return { rollback: decision === 'rollback' ? index + 1 : null, promote: decision === 'promote' ? index + 1 : null };
  }
  return { rollback: null, promote: null };
}

/** What the rules that people use today need to know. */
export interface RuleSettings {
  /** percentile of a latency metric */
  readonly percentile: number;
  /** a canary's value above this fails a check */
  readonly threshold: number;
  /** canary over baseline above this fails a check */
  readonly ratio: number;
}

export type RuleName = 'kayenta' | 'threshold' | 'ratio' | 'z-test';

/** Each rule on the windows of one run: in which window it rolls back; null: never. It never promotes before the end. */
export const rules: Readonly<Record<RuleName, (windows: readonly MeasuredWindow[], settings: RuleSettings) => number | null>> = {
  kayenta: (windows, { percentile }) => rollbackByKayenta(windows, percentile),
  threshold: (windows, { threshold, percentile }) =>
    rollbackByFailures(windows, percentile, ({ canary }) => canary !== null && canary > threshold, 5),
  ratio: (windows, { ratio, percentile }) =>
    rollbackByFailures(windows, percentile, ({ baseline, canary }) => canary !== null && baseline !== null && canary > ratio * baseline, 4),
  'z-test': rollbackByPeeking,
};
