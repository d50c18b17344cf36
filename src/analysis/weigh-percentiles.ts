import type { PercentilesMetric } from '../domain/index.js';
import { PercentileAgainstBaseline } from './percentile-against-baseline.js';
import { PercentileAgainstLimit } from './percentile-against-limit.js';
import { directionsOf, type Subject, type Weigher } from './weighing.js';

/** Each percentile is a question of its own: how many canary requests are slower than the baseline's percentile allows. */
export function weighPercentiles(subject: Subject, metric: PercentilesMetric): Weigher {
  const directions = directionsOf(metric.harm);
  const questions = metric.at.flatMap((p) =>
    directions.map((direction) => ({
      name: directions.length > 1 ? `${nameOf(metric, p)} (${direction})` : nameOf(metric, p),
      direction,
      share: 1 / (directions.length * metric.at.length),
      question:
        metric.margin === null
          ? new PercentileAgainstLimit(subject, p, direction, metric.limit ?? 0)
          : new PercentileAgainstBaseline(subject, p, direction, metric.margin),
    })),
  );
  return {
    add: (reading) => {
      for (const { question } of questions) question.add(reading);
    },
    findings: (asked) => questions.map(({ question, ...known }) => ({ ...question.answer(asked), ...known })),
  };
}

/** `p95`, `p99.9` */
export const percentileName = (p: number): string => `p${Number((100 * p).toFixed(6))}`;

/** `latency p95`; a metric that is called p95, or is the only one against its limit, keeps its own name. */
function nameOf({ name, at, margin }: PercentilesMetric, p: number): string {
  const said = at.length === 1 && (margin === null || name === percentileName(p));
  return said ? name : `${name} ${percentileName(p)}`;
}
