import type { Margin, Metric, PercentilesMetric, ProportionMetric, RateMetric } from '../../domain/index.js';
import {
  type AffineMargin,
  type BetGrowth,
  betGrowth,
  limitGrowth,
  normalCdf,
  normalQuantile,
  rateGrowth,
  rateLimitGrowth,
  type Side,
} from '../../statistics/index.js';
import { PredictableBase } from '../predictable-base.js';
import { percentileName } from '../weigh-percentiles.js';
import { affine, affineOnComplement, directionsOf } from '../weighing.js';
import { type AssumedTraffic, saidOf, usualEventShare, usualSpread } from './assumed-traffic.js';

/** One one-sided question about a metric, as a forecast asks it. */
export interface Question {
  readonly name: string;
  /** share of the metric's weight */
  readonly share: number;
  /**
   * What one canary request brings to each bet.
   *
   * @param kappa   canary requests per baseline request
   * @param harmed  whether the canary does the assumed harm, or none
   * @param margin  what is tolerated; null: the metric has a limit
   */
  growth(kappa: number, side: Side, harmed: boolean, margin: Margin | null): BetGrowth;
}

/** The questions that a metric asks under assumed traffic; in words why there is no forecast. */
export function questionsOf(metric: Metric, traffic: AssumedTraffic): readonly Question[] | string {
  if (metric.slice && saidOf(traffic.requestsByMetric, metric.name) === undefined) {
    return 'nobody knows how many of the requests its slice gets: assume a rate of its own';
  }
  switch (metric.kind) {
    case 'proportion':
      return proportionQuestions(metric, traffic);
    case 'percentiles':
      return percentileQuestions(metric, traffic);
    case 'rate':
      return rateQuestions(metric, traffic);
    case 'mean':
      return 'how long a mean takes depends on how much its values differ';
    case 'gauge':
      return 'how long a gauge takes depends on how noisy the level is';
  }
}

const suffixed = (name: string, direction: string, directions: number): string => (directions > 1 ? `${name} (${direction})` : name);

function proportionQuestions(metric: ProportionMetric, { levels, harm }: AssumedTraffic): readonly Question[] | string {
  const level = saidOf(levels, metric.name) ?? usualEventShare;
  if (!(level <= 1)) return `a share of ${level} is assumed, and shares are at most 1`;
  if (metric.harm !== 'increase' && (metric.margin?.relative ?? 0) >= 1) return 'its margin accepts the loss of everything';
  const directions = directionsOf(metric.harm);
  return directions.map((direction) => {
    const falls = direction === 'decrease';
    const turned = (share: number): number => (falls ? 1 - share : share);
    const stated = falls ? affineOnComplement : affine;
    const canary = (harmed: boolean): number => turned(!harmed ? level : falls ? level / harm : Math.min(1, level * harm));
    return {
      name: suffixed(metric.name, direction, directions.length),
      share: 1 / directions.length,
      growth: (kappa, side, harmed, margin) => {
        if (margin === null) return limitGrowth(canary(harmed), turned(metric.limit ?? 0), side);
        const tolerated = stated(margin);
        return betGrowth(
          { canary: canary(harmed), baseline: turned(level) },
          { kappa, base: baseFor(turned(level), tolerated), margin: tolerated, side },
        );
      },
    };
  });
}

/** The base that the judge takes once it has seen the level: 0 for rare events. */
function baseFor(level: number, { ratio, offset }: AffineMargin): number {
  const seen = new PredictableBase([{ total: 1e9, events: 1e9 * level }]).guess();
  return Math.max(0, Math.min(seen, (0.99 - offset) / ratio));
}

/** Durations are taken as log-normal: what is asked is how many requests lie beyond the margin of the baseline's percentile. */
function percentileQuestions(metric: PercentilesMetric, { levels, harm }: AssumedTraffic): readonly Question[] | string {
  const median = saidOf(levels, metric.name) ?? null;
  if (metric.margin === null && median === null) return 'against a limit, a forecast needs to know the median: assume one';
  const directions = directionsOf(metric.harm);
  return metric.at.flatMap((p) =>
    directions.map((direction): Question => {
      const sign = direction === 'decrease' ? -1 : 1;
      const usual = median === null ? null : median * Math.exp(usualSpread * normalQuantile(p));
      const beyond = sign > 0 ? 1 - p : p;
      return {
        name: suffixed(percentileQuestion(metric, p), direction, directions.length),
        share: 1 / (directions.length * metric.at.length),
        growth: (kappa, side, harmed, margin) => {
          const distance = Math.log(boundOver(usual, metric.limit, margin, sign)) - (harmed ? sign * Math.log(harm) : 0);
          const canary = normalCdf(-sign * (normalQuantile(p) + distance / usualSpread));
          if (margin === null) return limitGrowth(canary, beyond, side);
          return betGrowth({ canary, baseline: beyond }, { kappa, base: beyond, margin: { ratio: 1, offset: 0 }, side });
        },
      };
    }),
  );
}

const percentileQuestion = ({ name, at, margin }: PercentilesMetric, p: number): string =>
  at.length === 1 && margin === null ? name : `${name} ${percentileName(p)}`;

/** Bound of the canary over the baseline's percentile. Where nobody knows the percentile, an absolute part is left out: it would only help. */
function boundOver(usual: number | null, limit: number | null, margin: Margin | null, sign: number): number {
  if (margin === null) return (limit ?? 0) / (usual ?? 1);
  return Math.max(0, 1 + sign * (margin.relative + (usual === null ? 0 : margin.absolute / usual)));
}

function rateQuestions(metric: RateMetric, { levels, harm }: AssumedTraffic): readonly Question[] | string {
  if (metric.per === 'second') return 'events per second depend on the traffic of a cohort: count them per something else';
  if (metric.harm !== 'increase') return 'there is a forecast only for rates of which more is worse';
  const level = saidOf(levels, metric.name) ?? usualEventShare;
  return [
    {
      name: metric.name,
      share: 1,
      growth: (kappa, side, harmed, margin) => {
        const canary = harmed ? harm * level : level;
        if (margin === null) return rateLimitGrowth(canary, metric.limit ?? 0, side);
        return rateGrowth({ canary, baseline: level }, { kappa, margin: affine(margin), side });
      },
    },
  ];
}
