import type { Verdict } from '../../src/domain/index.js';

/** A canary config as Deck writes it: one critical metric, one that is only shown. */
export function kayentaConfig(change: object = {}): Record<string, unknown> {
  return {
    name: 'checkout-golden',
    description: 'what a release of checkout must not harm',
    applications: ['checkout'],
    configVersion: '1',
    judge: { name: 'NetflixACAJudge-v1.0', judgeConfigurations: {} },
    metrics: [
      kayentaMetric('errors', 'PromQL:sum(rate(http_requests_total{code="500",version="${scope}",region="${location}"}[1m]))', {
        groups: ['errors'],
        canary: { direction: 'increase', critical: true },
      }),
      kayentaMetric('latency', 'PromQL:avg(latency_seconds{version="${scope}"})', {
        groups: ['latency'],
        canary: { direction: 'increase' },
      }),
    ],
    templates: {},
    classifier: { groupWeights: { errors: 60, latency: 40 }, scoreThresholds: { pass: 95, marginal: 75 } },
    ...change,
  };
}

/** A metric with a Prometheus query. */
export function kayentaMetric(
  name: string,
  customInlineTemplate: string,
  { groups = ['all'], canary = {} }: { groups?: string[]; canary?: object } = {},
): Record<string, unknown> {
  const query = { type: 'prometheus', serviceType: 'prometheus', metricName: 'ignored', customInlineTemplate };
  return { name, query, groups, analysisConfigurations: { canary }, scopeName: 'default' };
}

/** One pair of scopes as Argo and Orca send it. */
export function kayentaScopes(
  change: { control?: object; experiment?: object } = {},
): Record<string, { controlScope: object; experimentScope: object }> {
  const times = { location: 'eu-1', step: 60, start: '2026-02-01T10:00:00Z', end: '2026-02-01T11:00:00Z' };
  return {
    default: {
      controlScope: { scope: '1.4.2', ...times, ...change.control },
      experimentScope: { scope: '1.5.0', ...times, ...change.experiment },
    },
  };
}

let serial = 0;

/** A name that no other spec of this process uses. */
export const unique = (word: string): string => `${word}-${serial++}`;

/** Follows the rollout until it knows, so that a POST joins the run that is open. */
export const sequential = (change: object = {}): object =>
  kayentaConfig({
    name: unique('sequential'),
    judge: { name: 'Assay-v1' },
    metrics: [
      kayentaMetric('errors', 'PromQL:up{v="${scope}"}', { canary: { direction: 'increase', effectSize: { allowedIncrease: 1.2 } } }),
    ],
    ...change,
  });

/** What a run may end in. */
export const finalVerdicts: Readonly<Record<'promote' | 'hold' | 'rollback', Partial<Verdict>>> = {
  promote: { decision: 'promote', final: true, code: 'all-safe', reason: 'all 1 gating metrics are within their margins' },
  hold: { decision: 'hold', final: true, code: 'deadline', reason: 'deadline of 1 h reached' },
  rollback: { decision: 'rollback', final: true, code: 'harm-evidence', reason: 'error-rate: canary 1.9 % vs 0.4 %' },
};
