import { describe, expect, it } from '@jest/globals';
import { type Incident, incidentLengthMs, type RecordedRequest } from './incident.js';
import { openMetrics } from './openmetrics.js';
import { otlpPoints } from './otlp-points.js';
import { otlpProtobuf } from './otlp-protobuf.js';
import { otlpJsonLines } from './otlp-request.js';
import { otlpSpans } from './otlp-spans.js';

const startAt = Date.UTC(2022, 7, 23, 12, 0, 0);

function request(id: number, startNanos: number, durationNanos: number, failed = false): RecordedRequest {
  const hex = id.toString(16).padStart(2, '0');
  return { traceId: hex.repeat(16), spanId: hex.repeat(8), pod: `pod-${id % 2}`, startNanos, durationNanos, route: 'home', failed };
}

/** Four requests a cohort; the first one of the baseline ends last. */
const incident: Incident = {
  id: 'X01',
  fault: 'none',
  requests: {
    baseline: [request(1, 0, 7e9), request(2, 1e9, 1e8), request(3, 6e9, 2e8), request(4, 6.5e9, 1e6, true)],
    canary: [request(5, 0, 1e8), request(6, 2e9, 1e8), request(7, 4.95e9, 1e8), request(8, 11e9, 1e8)],
  },
};

describe('an incident as OTLP spans', () => {
  const spans = otlpSpans(incident, { startAt, service: 'shop', batch: 3 })
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ resource, span }))));

  it('has every request once', () => {
    expect(spans.map(({ span }) => span.spanId.slice(0, 2)).sort()).toEqual(['01', '02', '03', '04', '05', '06', '07', '08']);
  });

  it('says version and pod, route, and status error where the request failed', () => {
    const failed = spans.find(({ span }) => span.spanId.startsWith('04'));

    expect(failed?.resource.attributes.map(({ key, value }) => [key, value.stringValue])).toEqual([
      ['service.name', 'shop'],
      ['service.version', 'baseline'],
      ['k8s.pod.name', 'pod-0'],
    ]);
    expect(failed?.span).toMatchObject({
      kind: 2,
      status: { code: 2 },
      attributes: [{ key: 'http.route', value: { stringValue: 'home' } }],
    });
    expect(spans.filter(({ span }) => span.status.code === 2)).toHaveLength(1);
  });

  it('keeps nanoseconds', () => {
    const [first] = otlpSpans({ ...incident, requests: { baseline: [request(1, 1, 2)], canary: [] } }, { startAt, service: 'shop' });

    expect(first?.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
      startTimeUnixNano: '1661256000000000001',
      endTimeUnixNano: '1661256000000000003',
    });
  });

  it('is one line a batch, batches in the order in which the requests ended', () => {
    const lines = otlpJsonLines(otlpSpans(incident, { startAt, service: 'shop', batch: 3 }))
      .trim()
      .split('\n');
    const ends = lines.map((line) => [...line.matchAll(/"endTimeUnixNano":"(\d+)"/g)].map(([, nanos]) => BigInt(nanos ?? 0)));

    expect(ends.map((batch) => batch.length)).toEqual([3, 3, 2]);
    expect(ends[0]?.every((end) => end <= (ends[1]?.[0] ?? 0n))).toBe(true);
  });

  it('is shorter in binary, and has the ids as bytes', () => {
    const [batch] = otlpSpans(incident, { startAt, service: 'shop' });
    if (!batch) throw new Error('no batch');
    const bytes = Buffer.from(otlpProtobuf(batch));

    expect(bytes.length).toBeLessThan(JSON.stringify(batch).length / 2);
    expect(bytes.includes(Buffer.from('04'.repeat(16), 'hex'))).toBe(true);
  });
});

describe('an incident as metrics', () => {
  const sums = (temporality: 'delta' | 'cumulative', name: string) =>
    otlpPoints(incident, { startAt, service: 'shop', everyMs: 5000, temporality })
      .flatMap(({ resourceMetrics }) => resourceMetrics)
      .flatMap(({ resource, scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.map((metric) => ({ resource, metric }))))
      .filter(({ metric, resource }) => metric.name === name && resource.attributes[1]?.value.stringValue === 'baseline')
      .map(({ metric }) => Number(metric.sum?.dataPoints[0]?.asInt));

  it('lasts until the last request has ended, in whole windows', () => {
    expect(incidentLengthMs(incident, 5000)).toBe(15_000);
  });

  it('counts a request in the interval in which it ended, pod by pod', () => {
    expect(sums('delta', 'http.server.request.count')).toEqual([0, 1, 2, 1, 0, 0]);
    expect(sums('delta', 'http.server.error.count')).toEqual([0, 0, 0, 1, 0, 0]);
  });

  it('adds up from 0 when cumulative', () => {
    expect(sums('cumulative', 'http.server.request.count')).toEqual([0, 0, 0, 1, 2, 2, 2, 2]);
  });

  it('becomes OpenMetrics text: counters from 0, cumulative buckets, an end', () => {
    const text = openMetrics([incident], { startAt, everyMs: 5000 });

    expect(text.match(/^requests_total\{incident="x01",version="baseline",pod="pod-1"\} .*$/gm)).toEqual([
      'requests_total{incident="x01",version="baseline",pod="pod-1"} 0 1661256000.000',
      'requests_total{incident="x01",version="baseline",pod="pod-1"} 0 1661256005.000',
      'requests_total{incident="x01",version="baseline",pod="pod-1"} 2 1661256010.000',
      'requests_total{incident="x01",version="baseline",pod="pod-1"} 2 1661256015.000',
    ]);
    const bucket = (le: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(`request_duration_seconds_bucket{incident="x01",version="baseline",pod="pod-1",le="${le}`))
        .map((line) => Number(line.split(' ')[1]));
    expect([bucket('+Inf'), bucket('0.5"')]).toEqual([
      [0, 0, 2, 2],
      [0, 0, 1, 1],
    ]);
    expect(text.endsWith('# EOF\n')).toBe(true);
  });
});
