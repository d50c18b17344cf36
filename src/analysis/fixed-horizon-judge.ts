import { type ClassicTest, type Evidence, type Metric, notUnderPeeking, type Template, type TestFinding } from '../domain/index.js';
import { type AffineMargin, weightedHolm } from '../statistics/index.js';
import { type Judgement, scoreOf } from '../verdicts/index.js';
import type { TestedOnce } from './classic-tests.js';
import { type FoundOnce, OnceJudge, type OnceMethod, type RecordedMetric } from './judge-once.js';
import type { JudgedRun, RunJudge } from './run-judge.js';
import { testMetric } from './test-metric.js';
import { directionsOf, type OneDirection } from './weighing.js';
import { type AskedOnce, observationsOf, questionsOf } from './window-values.js';

/**
 * Classical tests at a fixed horizon: harm beyond the margin with Holm's correction over all metrics that decide, and safe
 * where each of them shows on its own that harm is within the margin (intersection–union, no correction).
 */
export const newFixedHorizonJudge = (run: JudgedRun): RunJudge => new OnceJudge(run, new FixedHorizonMethod(run.template));

class FixedHorizonMethod implements OnceMethod {
  readonly atEveryLook = false;

  constructor(private readonly template: Template) {}

  judge(recorded: RecordedMetric): FoundOnce[] {
    const { metric, readings } = recorded;
    const test = testOf(metric);
    const counts = { baseline: observationsOf(metric, readings, 'baseline'), canary: observationsOf(metric, readings, 'canary') };
    return directionsOf(metric.harm).flatMap((direction) => {
      const { results, seed, warnings } = testMetric(recorded, test, marginOf(metric, direction));
      return questionsOf(metric).map((asked, index): FoundOnce => {
        const { tested, baseline, canary } = results[index] ?? { tested: null, baseline: null, canary: null };
        return {
          ...namedIn(metric, asked, direction),
          assessment: 'undecided', // it depends on the other metrics
          effect: effectOf(tested, direction, baseline, canary),
          margin: (metric.margin?.relative ?? 0) * Math.abs(baseline ?? 0) + (metric.margin?.absolute ?? 0),
          baseline: { count: counts.baseline, value: baseline },
          canary: { count: counts.canary, value: canary },
          windows: readings.length,
          once: { judge: 'fixed-horizon', test, ...chancesOf(tested, test, direction), seed },
          warnings: [`${test} at a fixed horizon is ${notUnderPeeking}`, ...warnings],
        };
      });
    });
  }

  open(metric: Metric): ReturnType<OnceMethod['open']> {
    const nothing = { pHarm: null, pHarmAdjusted: null, pSafe: null, seed: null };
    const once = { judge: 'fixed-horizon', test: testOf(metric), ...nothing } as const;
    return directionsOf(metric.harm).flatMap((direction) =>
      questionsOf(metric).map((asked) => ({ ...namedIn(metric, asked, direction), once })),
    );
  }

  conclude(evidence: readonly Evidence[]): { evidence: Evidence[]; judgement: Judgement } {
    const { budget } = this.template;
    const gating = evidence.filter(({ role }) => role !== 'informational');
    const adjusted = weightedHolm(gating.map(({ once, weight }) => ({ p: chanceOf(once, 'pHarm'), weight })));
    const corrected = new Map(gating.map((piece, index) => [piece, adjusted[index] ?? 1]));
    const assessed = evidence.map((piece) => this.assessed(piece, corrected.get(piece) ?? null));
    const deciding = assessed.filter(({ role }) => role !== 'informational');
    const readable = deciding.filter(({ missing }) => missing?.policy !== 'ignore');
    const score = scoreOf(
      readable.map((piece) => asWeighed(piece)),
      budget,
    );
    const isSafe = readable.length > 0 && readable.every(({ assessment }) => assessment === 'safe');
    const say = (decision: Judgement['decision'], code: Judgement['code']) => ({
      evidence: assessed,
      judgement: { decision, code, score },
    });
    if (deciding.some(({ assessment }) => assessment === 'harmful')) return say('rollback', 'harm-evidence');
    return isSafe ? say('promote', 'all-safe') : say('hold', 'insufficient-evidence');
  }

  /** @param adjusted  null: it does not decide, and is not corrected for those that do */
  private assessed(piece: Evidence, adjusted: number | null): Evidence {
    const { budget } = this.template;
    const { once } = piece;
    if (once?.judge !== 'fixed-horizon' || once.pHarm === null) return piece;
    const isHarmful = (adjusted ?? once.pHarm) <= budget.falseRollback;
    const isSafe = once.pSafe !== null && once.pSafe <= budget.falsePromote;
    return { ...piece, assessment: isHarmful ? 'harmful' : isSafe ? 'safe' : 'undecided', once: { ...once, pHarmAdjusted: adjusted } };
  }
}

/** A template for this judge names a test for each metric. */
const testOf = ({ test = 'mann-whitney' }: Metric): ClassicTest => test;

/** What the canary may be: canary ≤ ratio · baseline + offset, or ≥ for a metric of which less is worse. */
function marginOf({ margin }: Metric, direction: OneDirection): AffineMargin {
  const { relative, absolute } = margin ?? { relative: 0, absolute: 0 };
  return direction === 'decrease' ? { ratio: 1 - relative, offset: -absolute } : { ratio: 1 + relative, offset: absolute };
}

function namedIn(metric: Metric, { name, share }: AskedOnce, direction: OneDirection): Pick<FoundOnce, 'name' | 'weight' | 'direction'> {
  const directions = directionsOf(metric.harm).length;
  return { name: directions > 1 ? `${name} (${direction})` : name, weight: (metric.weight * share) / directions, direction };
}

/** Turned so that more is worse. */
function effectOf(tested: TestedOnce | null, direction: OneDirection, baseline: number | null, canary: number | null): Evidence['effect'] {
  const { low, high } = tested?.interval ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const estimate = canary === null || baseline === null ? null : canary - baseline;
  return direction === 'decrease' ? { low: -high, high: -low, estimate: estimate === null ? null : -estimate } : { low, high, estimate };
}

function chancesOf(
  tested: TestedOnce | null,
  test: ClassicTest,
  direction: OneDirection,
): Pick<TestFinding, 'pHarm' | 'pSafe' | 'pHarmAdjusted'> {
  const known = (p: number | undefined): number | null => (p === undefined || Number.isNaN(p) ? null : Math.min(1, Math.max(0, p)));
  const [above, below] = [known(tested?.pGreater), known(tested?.pLess)];
  const [pHarm, pSafe] = direction === 'decrease' ? [below, above] : [above, below];
  // somewhere below the margin is not everywhere below it
  return { pHarm, pSafe: test === 'kolmogorov-smirnov' && pHarm !== null ? 1 : pSafe, pHarmAdjusted: null };
}

const chanceOf = (once: Evidence['once'], side: 'pHarm' | 'pSafe'): number => (once?.judge === 'fixed-horizon' ? (once[side] ?? 1) : 1);

/** For the score only: 1/p on the scale of e-values, which these are not. */
const asWeighed = ({ role, weight, once }: Evidence) => ({
  role,
  weight,
  logHarm: -Math.log(Math.max(Number.MIN_VALUE, chanceOf(once, 'pHarm'))),
  logSafe: -Math.log(Math.max(Number.MIN_VALUE, chanceOf(once, 'pSafe'))),
});
