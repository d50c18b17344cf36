import { anyValueOfJson, doubleOf } from './any-value.js';
import { enumOf, integerOf, type JsonObject, listOf, objectOf } from './json-document.js';
import { knownAttributes } from './known-attributes.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { type MetricHead, type MetricPoints, maxBuckets } from './metric-points.js';
import { RawPoint } from './raw-point.js';
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
    if (points.isFull) points.steppedOver(1, pointsOfScopes(scopeMetrics));
    else {
      points.startResource(known(objectOf(resource, 'resource'), points));
      for (const scope of listOf(scopeMetrics, 'scopeMetrics')) readScope(scope, points);
    }
  }
}

function readScope({ scope, metrics }: JsonObject, points: MetricPoints): void {
  if (points.isFull) {
    points.steppedOver(1, pointsOfMetrics(metrics));
    return;
  }
  const holder = objectOf(scope, 'scope');
  const [name, version] = [textOf(holder['name'], 'the name of a scope'), textOf(holder['version'], 'the version of a scope')];
  points.startScope(name, version, known(holder, points));
  for (const metric of listOf(metrics, 'metrics')) {
    if (points.isFull) points.steppedOver(1, pointsOf(metric));
    else readMetric(metric, points);
  }
}

const pointsOfScopes = (scopes: unknown): number =>
  listOf(scopes, 'scopeMetrics').reduce((sum, { metrics }) => sum + pointsOfMetrics(metrics), 0);

const pointsOfMetrics = (metrics: unknown): number => listOf(metrics, 'metrics').reduce((sum, metric) => sum + pointsOf(metric), 0);

const pointsOf = (metric: JsonObject): number =>
  forms.reduce((sum, [field]) => sum + listOf(objectOf(metric[field], field)['dataPoints'], 'dataPoints').length, 0);

function readMetric(metric: JsonObject, points: MetricPoints): void {
  const name = textOf(metric['name'], 'the name of a metric');
  points.startPart();
  for (const [field, form] of forms) {
    if (metric[field] === undefined || metric[field] === null) continue;
    const data = objectOf(metric[field], field);
    const temporality = enumOf(data['aggregationTemporality'], temporalities, 'aggregationTemporality');
    points.startMetric({ name, form, temporality, monotonic: data['isMonotonic'] === true });
    readPoints(listOf(data['dataPoints'], 'dataPoints'), points);
  }
}

function readPoints(list: readonly JsonObject[], points: MetricPoints): void {
  const raw = new RawPoint();
  for (const [index, point] of list.entries()) {
    if (points.isFull) {
      points.steppedOver(0, list.length - index);
      return;
    }
    readPoint(point, raw, points);
    points.add(raw);
  }
}

function readPoint(point: JsonObject, raw: RawPoint, points: MetricPoints): void {
  const positive = objectOf(point['positive'], 'positive');
  const isExponential = point['positive'] !== undefined || point['scale'] !== undefined;
  const start = momentOf(integerOf(point['startTimeUnixNano'], 'startTimeUnixNano'));
  const time = momentOf(integerOf(point['timeUnixNano'], 'timeUnixNano'));
  raw.clear();
  raw.attributes.push(...known(point, points));
  [raw.startHigh, raw.startLow, raw.timeHigh, raw.timeLow] = [start.high, start.low, time.high, time.low];
  raw.flags = numberOf(point['flags'], 'flags');
  raw.number = levelOf(point);
  raw.count = numberOf(point['count'], 'count');
  raw.sum = point['sum'] === undefined || point['sum'] === null ? null : doubleOf(point['sum']);
  raw.bucketCounts = countsOf(isExponential ? positive['bucketCounts'] : point['bucketCounts']);
  raw.bounds = listIn(point['explicitBounds'], 'explicitBounds')
    .slice(0, maxBuckets + 1)
    .map(doubleOf);
  raw.scale = numberOf(point['scale'], 'scale');
  raw.zeroCount = numberOf(point['zeroCount'], 'zeroCount');
  raw.offset = numberOf(positive['offset'], 'offset');
  for (const count of listIn(objectOf(point['negative'], 'negative')['bucketCounts'], 'bucketCounts')) {
    raw.negativeCount += numberOf(count, 'bucketCounts');
  }
}

function levelOf(point: JsonObject): number | null {
  if (point['asDouble'] !== undefined) return doubleOf(point['asDouble']);
  return point['asInt'] === undefined ? null : numberOf(point['asInt'], 'asInt');
}

const numberOf = (value: unknown, what: string): number => (Number.isInteger(value) ? (value as number) : Number(integerOf(value, what)));

/** One more than there may be shows that there are too many. */
const countsOf = (value: unknown): number[] =>
  listIn(value, 'bucketCounts')
    .slice(0, maxBuckets + 1)
    .map((each) => numberOf(each, 'bucketCounts'));

function listIn(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedOtlpError(`${what} must be a list`);
  return value;
}

const known = (holder: JsonObject, { batch }: MetricPoints): readonly [ReturnType<typeof knownAttributes>] => [
  knownAttributes(
    attributesOf(holder).map(({ key, value }) => [key, anyValueOfJson(value)] as const),
    batch.resolver,
  ),
];
