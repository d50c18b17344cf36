/** Name by which runs of the demo ask for their template. */
export const demoTemplateName = 'demo-shop';

/** Budget of the demo's template, for showing how far the evidence has come. */
export const demoBudget = { falseRollback: 0.01, falsePromote: 0.05 } as const;

/**
 * What the demo judges by: an ordinary template, only with seconds where a rollout takes minutes. Margins are as wide as
 * half a minute of traffic can prove.
 */
export const demoTemplate = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata:
  name: ${demoTemplateName}
  title: Errors and latency of the demo shop, decided within a minute
spec:
  arguments:
    service: { type: string, default: shop, pattern: '[a-z0-9-]+' }
  cohorts:
    by: service.version
    pod: k8s.pod.name
  schedule: { window: 1s, lateness: 1500ms, warmup: 3s, minDuration: 15s, minSamples: 200, deadline: 78s, onDeadline: hold }
  budget: { falseRollback: ${demoBudget.falseRollback}, falsePromote: ${demoBudget.falsePromote} }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { events: { status: error }, of: { kind: server, service.name: '\${service}' } }
      harm: increase
      margin: { absolute: 0.015 }
    - name: checkout-errors
      role: critical
      source: traces
      proportion: { events: { status: error }, of: { kind: server, service.name: '\${service}', http.route: /checkout } }
      harm: increase
      margin: { absolute: 0.04 }
    - name: latency
      role: critical
      source: traces
      percentiles: { of: { kind: server, service.name: '\${service}' }, value: duration, at: [0.5, 0.95] }
      harm: increase
      margin: { relative: 0.3, absolute: 10ms }
`;
