import {
  type CohortName,
  type CohortSummary,
  cohortNames,
  type Evidence,
  type Gap,
  isGap,
  type Measurement,
  type Metric,
  type Sample,
} from '../domain/index.js';
import { histogramCount, histogramQuantile } from '../statistics/index.js';

/** The number of one cohort in each window; null where there is none, and never 0 for nothing. */
export const valuesOf = (readings: readonly Measurement[], cohort: CohortName, p: number | null): (number | null)[] =>
  readings.map((reading) => numberOf(reading[cohort], p));

/** Observations of one cohort over all windows. */
export const observationsOf = (metric: Metric, readings: readonly Measurement[], cohort: CohortName): number =>
  Math.floor(readings.reduce((sum, reading) => sum + observed(reading[cohort], metric), 0));

/** @param p  of percentiles only */
function numberOf(sample: Sample | Gap, p: number | null): number | null {
  switch (sample.kind) {
    case 'gap':
      return null;
    case 'counts':
      return sample.total > 0 ? sample.events / sample.total : null;
    case 'distribution':
      return histogramQuantile(sample.histogram, p ?? 0.5);
    case 'rate':
      return sample.exposure > 0 ? sample.events / sample.exposure : null;
    case 'moments':
      return sample.count > 0 ? sample.mean : null;
    case 'level':
      return Number.isFinite(sample.value) ? sample.value : null;
  }
}

function observed(sample: Sample | Gap, metric: Metric): number {
  switch (sample.kind) {
    case 'gap':
      return 0;
    case 'counts':
      return sample.total;
    case 'distribution':
      return histogramCount(sample.histogram);
    case 'rate':
      return metric.kind === 'rate' && metric.per !== 'second' ? sample.exposure : sample.events;
    case 'moments':
      return sample.count;
    case 'level':
      return 1;
  }
}

/** What was seen of a metric so far, kept up to date so that a look before the horizon costs the same in a long run. */
export class SeenSoFar {
  private readonly counts: Record<CohortName, number> = { baseline: 0, canary: 0 };
  private readonly pods: Record<CohortName, Set<string>> = { baseline: new Set(), canary: new Set() };

  constructor(private readonly metric: Metric) {}

  add(reading: Measurement): void {
    for (const cohort of cohortNames) {
      const sample = reading[cohort];
      this.counts[cohort] += observed(sample, this.metric);
      if (isGap(sample) || !('pods' in sample)) continue;
      for (const pod of Object.keys(sample.pods ?? {})) if (pod !== '') this.pods[cohort].add(pod);
    }
  }

  /** Counts without values: those would invite to act on them. */
  count(cohort: CohortName): CohortSummary {
    return { count: Math.floor(this.counts[cohort]), value: null };
  }

  /** Absent where no pod is named. */
  podsSeen(): Pick<Evidence, 'pods'> {
    const [baseline, canary] = [this.pods.baseline.size, this.pods.canary.size];
    return baseline + canary > 0 ? { pods: { baseline, canary, tau: 0, factor: 1 } } : {};
  }
}

/** What a judge asks about a metric: one question, or one for each percentile. */
export interface AskedOnce {
  readonly name: string;
  readonly p: number | null;
  /** of the metric's weight */
  readonly share: number;
}

export function questionsOf(metric: Metric): AskedOnce[] {
  if (metric.kind !== 'percentiles') return [{ name: metric.name, p: null, share: 1 }];
  return metric.at.map((p) => {
    const percentile = `p${Number((100 * p).toFixed(6))}`;
    const name = metric.at.length === 1 && metric.name === percentile ? metric.name : `${metric.name} ${percentile}`;
    return { name, p, share: 1 / metric.at.length };
  });
}
