import { difference, grouped, quantity } from '../verdicts/index.js';
import type { MetricAnswer, VerdictAnswer } from './assay-client.js';
import type { GateEnd } from './gate.js';
import { endInWords } from './gate-text.js';

/** How a gate ended, as reports tell it. */
export interface GateStanding {
  /** `error`: there is no final verdict */
  readonly outcome: 'promote' | 'hold' | 'rollback' | 'cancelled' | 'error';
  readonly reason: string;
  readonly run: string | null;
  /** the last one heard; final only where `outcome` is one */
  readonly verdict: VerdictAnswer | null;
}

export function standingOf(end: GateEnd): GateStanding {
  if (end.kind !== 'final')
    return { outcome: 'error', reason: endInWords(end), run: end.run, verdict: end.kind === 'timeout' ? end.verdict : null };
  const { verdict } = end;
  const outcome = !verdict.final ? 'error' : verdict.cancelled ? 'cancelled' : verdict.decision;
  return { outcome, reason: verdict.reason, run: verdict.run, verdict };
}

/** `canary 1.9 % of 5 120, baseline 0.4 % of 48 211, harm 0.9 pp to 2.1 pp, margin 0.5 pp` */
export const metricFacts = (metric: MetricAnswer): string =>
  `canary ${sideInWords(metric, 'canary')}, baseline ${sideInWords(metric, 'baseline')}, harm ${harmOf(metric)}, margin ${acceptedOf(metric)}`;

/** `1.9 % of 5 120` */
export function sideInWords(metric: MetricAnswer, side: 'baseline' | 'canary'): string {
  const { count, value } = metric[side];
  return `${quantity(value, metric.unit)}${count === null ? '' : ` of ${grouped(count)}`}`;
}

/** The bounds of the harm; positive is worse. */
export function harmOf(metric: MetricAnswer): string {
  const { low, high } = metric.harm;
  if (low === null && high === null) return 'not known yet';
  return `${low === null ? 'unbounded' : onScale(metric, low)} to ${high === null ? 'unbounded' : onScale(metric, high)}`;
}

/** The largest harm that is accepted. */
export const acceptedOf = (metric: MetricAnswer): string => (metric.margin === null ? 'none yet' : onScale(metric, metric.margin));

function onScale({ scale, unit }: MetricAnswer, value: number): string {
  if (scale === 'ratio') return quantity(value, 'ratio');
  return scale === 'level' ? quantity(value, unit) : difference(value, unit);
}
