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
