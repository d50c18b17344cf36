import { type Evidence, type KayentaRule, type Metric, notUnderPeeking } from '../domain/index.js';
import { type KayentaMetric, type KayentaScore, type KayentaSettings, kayentaClassify, kayentaScore } from '../statistics/index.js';
import type { Judgement } from '../verdicts/index.js';
import { type FoundOnce, OnceJudge, type OnceMethod, type RecordedMetric } from './judge-once.js';
import type { JudgedRun, RunJudge } from './run-judge.js';
import { type AskedOnce, observationsOf, questionsOf, valuesOf } from './window-values.js';

/**
 * Kayenta's judge, exactly, on one value of each metric per window and cohort. Its answers are what users of Kayenta
 * expect, its faults included: it knows no margin, no bursts, and is not valid under peeking.
 *
 * @see docs/templates.md, Kayenta's judge
 */
export const newKayentaJudge = (run: JudgedRun, rule: KayentaRule): RunJudge =>
  new OnceJudge(run, new KayentaMethod(rule, run.template.metrics));

class KayentaMethod implements OnceMethod {
  readonly atEveryLook: boolean;

  constructor(
    private readonly rule: KayentaRule,
    private readonly metrics: readonly Metric[],
  ) {
    this.atEveryLook = rule.decide === 'at-every-look';
  }

  judge(recorded: RecordedMetric): FoundOnce[] {
    return questionsOf(recorded.metric).map((asked) => classified(recorded, asked));
  }

  open(metric: Metric): ReturnType<OnceMethod['open']> {
    const once = { judge: 'kayenta', classification: null, critical: false, meanRatio: null } as const;
    return questionsOf(metric).map(({ name, share }) => ({ name, weight: metric.weight * share, direction: metric.harm, once }));
  }

  conclude(evidence: readonly Evidence[]): { evidence: Evidence[]; judgement: Judgement } {
    const scored = evidence.filter(({ missing, once }) => !(missing?.policy === 'ignore' && isSilent(once)));
    const { score, classification } = this.scoreOf(scored);
    const heard = scored.filter(({ missing, once }) => !(missing?.policy === 'hold' && isSilent(once)));
    const failsBySilence = classification === 'Fail' && (heard.length === 0 || this.scoreOf(heard).classification !== 'Fail');
    const [decision, code] = verdicts[failsBySilence ? 'Marginal' : classification];
    return { evidence: [...evidence], judgement: { decision, code, score } };
  }

  private scoreOf(evidence: readonly Evidence[]): KayentaScore {
    const metrics = evidence.flatMap(({ metric: name, role, once }): KayentaMetric[] => {
      if (once?.judge !== 'kayenta' || once.classification === null) return [];
      const groups = this.metrics.find((metric) => metric.name === name)?.kayenta?.groups ?? [name];
      return [{ classification: once.classification, groups, critical: once.critical, muted: role === 'informational' }];
    });
    const { pass, marginal } = this.rule;
    return kayentaScore(metrics, this.groupWeights(metrics), { pass, marginal });
  }

  /** As the template says; where no group is named anywhere, each metric has the share that its weight says. */
  private groupWeights(scored: readonly KayentaMetric[]): Readonly<Record<string, number>> {
    if (this.rule.groups) return this.rule.groups;
    if (this.metrics.some(({ kayenta }) => kayenta?.groups)) return {};
    const heard = new Set(scored.filter(({ muted }) => !muted).flatMap(({ groups }) => groups));
    const weighed = this.metrics.filter(({ name }) => heard.has(name));
    const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
    return Object.fromEntries(weighed.map(({ name, weight }) => [name, (100 * weight) / total]));
  }
}

const verdicts = { Pass: ['promote', 'kayenta-pass'], Marginal: ['hold', 'kayenta-marginal'], Fail: ['rollback', 'kayenta-fail'] } as const;

/** One side gave no value in the whole run: that is for the template's `onNoData` to judge, and no reason to roll back by itself. */
const isSilent = (once: Evidence['once']): boolean => once?.judge === 'kayenta' && once.classification === 'Nodata';

function classified({ metric, readings }: RecordedMetric, { name, p, share }: AskedOnce): FoundOnce {
  const [baseline, canary] = [valuesOf(readings, 'baseline', p), valuesOf(readings, 'canary', p)];
  const { classification, critical, deviation, shift } = kayentaClassify(baseline, canary, settingsOf(metric));
  const sign = metric.harm === 'decrease' ? -1 : 1;
  const ends = shift && [sign * shift.lower, sign * shift.upper].sort((a, b) => a - b);
  const isHarmful = classification === 'High' || classification === 'Low' || classification === 'NodataFailMetric';
  return {
    name,
    weight: metric.weight * share,
    direction: metric.harm,
    assessment: isHarmful ? 'harmful' : 'undecided',
    effect: {
      low: ends?.[0] ?? Number.NEGATIVE_INFINITY,
      high: ends?.[1] ?? Number.POSITIVE_INFINITY,
      estimate: shift && sign * shift.estimate,
    },
    margin: shift ? shiftTolerance * Math.abs(shift.estimate) : 0,
    baseline: { count: observationsOf(metric, readings, 'baseline'), value: meanOf(baseline) },
    canary: { count: observationsOf(metric, readings, 'canary'), value: meanOf(canary) },
    windows: readings.length,
    once: { judge: 'kayenta', classification, critical, meanRatio: Number.isNaN(deviation) || !shift ? null : deviation },
    warnings: [`Kayenta's judge is ${notUnderPeeking}`, ...toleranceWarning([...baseline, ...canary])],
  };
}

/** Kayenta takes a shift for real when its interval begins beyond this share of the shift itself. */
const shiftTolerance = 0.25;

/** Where Kayenta's search for the ends of an interval stops, in the metric's unit, whatever the unit. */
const rootTolerance = 1e-4;

/** Values so small that the search stops before it has begun. */
function toleranceWarning(values: readonly (number | null)[]): string[] {
  const sizes = values.flatMap((value) => (value === null ? [] : [Math.abs(value)])).sort((a, b) => a - b);
  const largest = sizes.at(-1) ?? 0;
  if (!(largest > 0) || rootTolerance <= 0.1 * largest) return [];
  const percent = Number(((100 * rootTolerance) / largest).toPrecision(2));
  return [
    `Kayenta's intervals are exact to ${rootTolerance} only, which is ${percent} % of the largest value here: large harm may pass; give values in a smaller unit`,
  ];
}

function settingsOf({ harm, role, onNoData, kayenta }: Metric): KayentaSettings {
  const { groups: _, ...options } = kayenta ?? {};
  const mustHaveData = Object.values(onNoData).includes('fail');
  return { ...options, direction: harm, critical: role === 'critical', mustHaveData };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
