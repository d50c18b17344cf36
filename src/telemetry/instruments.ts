import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('assay');

const verdicts = meter.createCounter('assay_verdicts', { description: 'Verdicts recorded, by decision' });
const looks = meter.createHistogram('assay_look_duration', {
  unit: 's',
  description: 'Time from reading a window to recording the verdict',
});
const late = meter.createCounter('assay_late_observations', { description: 'Observations refused because their window had closed' });
const spans = meter.createCounter('assay_otlp_spans', { description: 'Spans and points received, by outcome and reason' });
const queries = meter.createHistogram('assay_source_query_duration', {
  unit: 's',
  description: 'Time a source took to answer, by source and outcome',
});
const deliveries = meter.createCounter('assay_deliveries', { description: 'Delivery attempts, by channel and outcome' });

export const countVerdict = (decision: string): void => verdicts.add(1, { decision });
export const recordLook = (seconds: number): void => looks.record(seconds);
export const countLateObservations = (count: number): void => late.add(count);
export const countSpans = (outcome: 'accepted' | 'refused', count: number, reason = 'none'): void => spans.add(count, { outcome, reason });
export const recordSourceQuery = (source: string, seconds: number, outcome: 'ok' | 'error'): void =>
  queries.record(seconds, { source, outcome });
export const countDelivery = (channel: string, outcome: 'delivered' | 'failed' | 'dead'): void => deliveries.add(1, { channel, outcome });
