import { type CohortName, type MeasuredWindow, type Run } from '../../../domain/index.js';
import { resultId } from './judge-result.js';
import { queriesIn } from './translate-metric.js';

/** `"NaN"` where there is no point, as Jackson writes it. */
type Point = number | 'NaN';

interface Sides<Value> {
  readonly control: Value;
  readonly experiment: Value;
}

/** One metric's points on both sides. */
export interface MetricSetPair {
  readonly id: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly values: Sides<readonly Point[]>;
  readonly scopes: Sides<{ readonly startTimeIso: string; readonly startTimeMillis: number; readonly stepMillis: number }>;
  readonly attributes: Sides<{ readonly query: string }>;
}

/** What was measured in an execution, by metric: one point a window. */
export function metricSetPairs(run: Run, windows: readonly MeasuredWindow[]): MetricSetPair[] {
  const { metrics, schedule } = run.template;
  const start = run.from;
  const scope = { startTimeIso: start.toISOString(), startTimeMillis: start.getTime(), stepMillis: schedule.windowSeconds * 1000 };
  return metrics.map((metric, index) => {
    const pointsOf = (cohort: CohortName): Point[] => windows.map((window) => pointOf(window, metric.name, cohort));
    const asked = metric.kind === 'gauge' && metric.of.type === 'query' ? queriesIn(metric.of.query) : { baseline: '', canary: '' };
    return {
      id: resultId(index),
      name: metric.name,
      tags: {},
      values: { control: pointsOf('baseline'), experiment: pointsOf('canary') },
      scopes: { control: scope, experiment: scope },
      attributes: { control: { query: asked.baseline }, experiment: { query: asked.canary } },
    };
  });
}

function pointOf({ measurements }: MeasuredWindow, metric: string, cohort: CohortName): Point {
  const sample = measurements.find((each) => each.metric === metric)?.[cohort];
  return sample?.kind === 'level' && Number.isFinite(sample.value) ? sample.value : 'NaN';
}
