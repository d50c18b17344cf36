import { anyValueOfJson, doubleOf } from './any-value.js';
import { enumOf, integerOf, type JsonObject, listOf, objectOf } from './json-document.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { emptyPoint, type MetricHead, type MetricPoints, type PlainAttributes, type RawPoint } from './metric-points.js';
import { momentOf } from './timestamp.js';
import { attributesOf, textOf } from './trace-json.js';

const temporalities = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'].map((name) => `AGGREGATION_TEMPORALITY_${name}`);

const forms: readonly (readonly [field: string, form: MetricHead['form']])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential'],
  ['summary', 'summary'],
];

/** Reads ExportMetricsServiceRequest as OTLP/JSON writes it. @throws {MalformedOtlpError} */
export function readMetricJson(document: JsonObject, points: MetricPoints): void {
  for (const { resource, scopeMetrics } of listOf(document['resourceMetrics'], 'resourceMetrics')) {
    points.startResource(plainAttributes(objectOf(resource, 'resource')));
    for (const { scope, metrics } of listOf(scopeMetrics, 'scopeMetrics')) {
      const scopeObject = objectOf(scope, 'scope');
      points.startScope(
        textOf(scopeObject['name'], 'the name of a scope'),
        textOf(scopeObject['version'], 'the version of a scope'),
        plainAttributes(scopeObject),
      );
      for (const metric of listOf(metrics, 'metrics')) readMetric(metric, points);
    }
  }
}

function readMetric(metric: JsonObject, points: MetricPoints): void {
  const name = textOf(metric['name'], 'the name of a metric');
  for (const [field, form] of forms) {
    const data = objectOf(metric[field], field);
    const temporality = enumOf(data['aggregationTemporality'], temporalities, 'aggregationTemporality');
    const head = { name, form, temporality, monotonic: data['isMonotonic'] === true };
    for (const point of listOf(data['dataPoints'], 'dataPoints')) points.add(head, rawPoint(point));
  }
}

function rawPoint(point: JsonObject): RawPoint {
  const positive = objectOf(point['positive'], 'positive');
  const negative = numbersOf(objectOf(point['negative'], 'negative')['bucketCounts'], 'bucketCounts');
  const exponential = point['positive'] !== undefined || point['scale'] !== undefined;
  return {
    ...emptyPoint,
    attributes: plainAttributes(point),
    start: momentOf(integerOf(point['startTimeUnixNano'], 'startTimeUnixNano')),
    time: momentOf(integerOf(point['timeUnixNano'], 'timeUnixNano')),
    flags: numberOf(point['flags'], 'flags'),
    number: levelOf(point),
    count: numberOf(point['count'], 'count'),
    sum: point['sum'] === undefined || point['sum'] === null ? null : doubleOf(point['sum']),
    bucketCounts: numbersOf(exponential ? positive['bucketCounts'] : point['bucketCounts'], 'bucketCounts'),
    bounds: boundsOf(point['explicitBounds']),
    scale: numberOf(point['scale'], 'scale'),
    zeroCount: numberOf(point['zeroCount'], 'zeroCount'),
    offset: numberOf(positive['offset'], 'offset'),
    negativeCount: negative.reduce((sum, count) => sum + count, 0),
  };
}

function levelOf(point: JsonObject): number | null {
  if (point['asDouble'] !== undefined) return doubleOf(point['asDouble']);
  return point['asInt'] === undefined ? null : numberOf(point['asInt'], 'asInt');
}

const numberOf = (value: unknown, what: string): number => Number(integerOf(value, what));

function numbersOf(value: unknown, what: string): number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedOtlpError(`${what} must be a list`);
  return value.map((each) => numberOf(each, what));
}

function boundsOf(value: unknown): number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedOtlpError('explicitBounds must be a list');
  return value.map(doubleOf);
}

const plainAttributes = (holder: JsonObject): PlainAttributes =>
  attributesOf(holder).map(({ key, value }) => [key, anyValueOfJson(value)] as const);
