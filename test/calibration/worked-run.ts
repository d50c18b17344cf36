import { newRunJudge } from '../../src/analysis/judge.js';
import { seededRandom } from '../support/random.js';
import { templateOf } from './calibration-template.js';
import type { Cell } from './scenarios/index.js';
import { drawWorld } from './worlds/draw-world.js';

/** Evidence of one run, look by look: natural logarithms of the e-values. */
export interface WorkedRun {
  readonly name: string;
  readonly windowSeconds: number;
  readonly harm: readonly number[];
  readonly safe: readonly number[];
  /** number of the look at which the verdict was final */
  readonly decided: number | null;
  readonly decision: string;
}

/** Three digits: a picture shows no more. */
const rounded = (value: number): number => Number(value.toFixed(3));

/** One run as an example, to the end of the hour or of its verdict. */
export function workedRun({ name, world, template }: Cell, seed: number): WorkedRun {
  const { history, windows } = drawWorld(world, seededRandom(seed));
  const judging = newRunJudge({ template: templateOf(template), from: new Date(windows[0]?.from ?? 0) }, history);
  const [harm, safe]: [number[], number[]] = [[], []];
  let decision = 'hold';
  for (const window of windows) {
    judging.add(window);
    const verdict = judging.verdict({ intervals: 'none' });
    harm.push(rounded(verdict.evidence[0]?.logHarm ?? 0));
    safe.push(rounded(verdict.evidence[0]?.logSafe ?? 0));
    decision = verdict.decision;
    if (verdict.final) break;
  }
  return { name, windowSeconds: world.windowSeconds, harm, safe, decided: decision === 'hold' ? null : harm.length, decision };
}
