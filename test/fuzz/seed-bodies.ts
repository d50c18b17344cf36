import type { Signal } from '../../src/ingest/index.js';
import { encodeOtlp, type OtlpRequest } from '../support/otlp-proto.js';

type Random = () => number;

const messages: Readonly<Record<Signal, OtlpRequest>> = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' };

const second = 1_000_000_000n;
const newest = 1_700_000_010n * second;

const upTo = (random: Random, most: number): number => Math.floor(random() * most);
const pick = <T>(random: Random, from: readonly T[]): T => from[upTo(random, from.length)] as T;
const some = <T>(random: Random, most: number, make: (index: number) => T): T[] =>
  Array.from({ length: upTo(random, most + 1) }, (_, index) => make(index));
const id = (random: Random, bytes: number): string => Array.from({ length: bytes * 2 }, () => upTo(random, 16).toString(16)).join('');

/** Bodies as exporters write them, by an encoder that is not ours. Same random numbers, same bodies. */
export function seedBodies(signal: Signal, count: number, random: Random): Uint8Array[] {
  return Array.from({ length: count }, () => encodeOtlp(messages[signal], documents[signal](random)));
}

const documents: Readonly<Record<Signal, (random: Random) => object>> = {
  traces: (random) => ({
    resourceSpans: some(random, 3, () => ({
      resource: resourceOf(random),
      scopeSpans: some(random, 2, () => ({ scope: { name: 'http', version: '1' }, spans: some(random, 4, () => spanOf(random)) })),
    })),
  }),
  logs: (random) => ({
    resourceLogs: some(random, 3, () => ({
      resource: resourceOf(random),
      scopeLogs: some(random, 2, () => ({ scope: { name: 'app' }, logRecords: some(random, 5, () => recordOf(random)) })),
    })),
  }),
  metrics: (random) => ({
    resourceMetrics: some(random, 3, () => ({
      resource: resourceOf(random),
      scopeMetrics: some(random, 2, () => ({
        scope: { name: 'meter', version: pick(random, ['1', '']), attributes: attributesOf(random) },
        metrics: some(random, 3, () => metricOf(random)),
      })),
    })),
  }),
};

const resourceOf = (random: Random): object => ({
  attributes: [
    { key: 'service.name', value: { stringValue: pick(random, ['checkout', 'cart', '']) } },
    { key: 'service.version', value: pick(random, [{ stringValue: 'v1' }, { intValue: '2' }, { doubleValue: 1.5 }]) },
    { key: 'host.name', value: { stringValue: 'a' } },
    ...attributesOf(random),
  ],
});

const keys = ['http.route', 'k8s.pod.name', 'status', 'kind', 'severity', 'http.response.body.size', 'user.id', 'http.rout', ''];

const attributesOf = (random: Random): object[] => some(random, 4, () => ({ key: pick(random, keys), value: anyValueOf(random, 0) }));

function anyValueOf(random: Random, depth: number): object {
  const simple = [
    { stringValue: pick(random, ['/a', '/b', 'ä€😀', '', '12']) },
    { boolValue: random() < 0.5 },
    { intValue: pick(random, ['0', '-1', '200', '9007199254740993', '-9223372036854775808']) },
    { doubleValue: pick(random, [0.5, -2, 1e300, 0]) },
    { bytesValue: 'AQID' },
    {},
  ];
  if (depth > 2 || random() < 0.8) return pick(random, simple);
  const values = some(random, 3, () => anyValueOf(random, depth + 1));
  if (random() < 0.5) return { arrayValue: { values } };
  return { kvlistValue: { values: values.map((value, index) => ({ key: `k${index}`, value })) } };
}

function spanOf(random: Random): object {
  const end = newest + BigInt(upTo(random, 60_000)) * 1_000_000n + BigInt(upTo(random, 1_000_000));
  return {
    traceId: id(random, 16),
    spanId: id(random, 8),
    traceState: pick(random, ['', 'a=b']),
    name: pick(random, ['GET', 'POST /a', '']),
    kind: upTo(random, 6),
    startTimeUnixNano: String(end - BigInt(upTo(random, 2 ** 31)) - 1n),
    endTimeUnixNano: String(end),
    attributes: attributesOf(random),
    events: some(random, 2, () => ({ timeUnixNano: String(end), name: 'exception', attributes: attributesOf(random) })),
    status: pick(random, [{}, { code: 2, message: 'no' }, { code: 1 }]),
    flags: 1,
  };
}

function recordOf(random: Random): object {
  const at = newest + BigInt(upTo(random, 60_000)) * 1_000_000n;
  return {
    ...pick(random, [
      { timeUnixNano: String(at) },
      { observedTimeUnixNano: String(at) },
      { timeUnixNano: String(at), observedTimeUnixNano: '7' },
    ]),
    ...pick(random, [{ severityNumber: upTo(random, 25) }, { severityText: pick(random, ['ERROR', 'Warning', 'notice', 'x', '']) }, {}]),
    body: anyValueOf(random, 0),
    attributes: attributesOf(random),
    traceId: id(random, 16),
    spanId: id(random, 8),
    flags: 1,
  };
}

function metricOf(random: Random): object {
  const start = newest - second * BigInt(upTo(random, 100));
  const times = (index: number): object => ({
    startTimeUnixNano: String(start),
    timeUnixNano: String(newest + second * BigInt(index * 10 + upTo(random, 2))),
    attributes: random() < 0.5 ? [] : attributesOf(random),
  });
  const aggregationTemporality = 1 + upTo(random, 2);
  const points = (of: (index: number) => object): object[] => some(random, 4, (index) => ({ ...times(index), ...of(index) }));
  const name = pick(random, ['requests', 'http.server.request.duration', 'heap', '']);
  const counts = (index: number): number[] => [index, 2 * index + 1, 3];
  return {
    name,
    unit: 's',
    ...pick(random, [
      () => ({
        sum: { aggregationTemporality, isMonotonic: random() < 0.8, dataPoints: points((index) => ({ asInt: String(5 * index) })) },
      }),
      () => ({ sum: { aggregationTemporality, isMonotonic: true, dataPoints: points((index) => ({ asDouble: index + 0.5 })) } }),
      () => ({ gauge: { dataPoints: points((index) => ({ asDouble: index - 1.5 })) } }),
      () => ({
        histogram: {
          aggregationTemporality,
          dataPoints: points((index) => ({
            count: String(3 * index + 4),
            ...(random() < 0.8 ? { sum: index * 7.5 } : {}),
            bucketCounts: counts(index).map(String),
            explicitBounds: [0.1, 1],
          })),
        },
      }),
      () => ({
        exponentialHistogram: {
          aggregationTemporality,
          dataPoints: points((index) => ({
            count: String(3 * index + 5),
            sum: index * 2.5,
            scale: pick(random, [0, 3, -2]),
            zeroCount: '1',
            positive: { offset: pick(random, [-3, 0, 5]), bucketCounts: counts(index).map(String) },
          })),
        },
      }),
      () => ({ summary: { dataPoints: points((index) => ({ count: String(index * 3), sum: index * 1.5 })) } }),
    ])(),
  };
}
