import type { Expected, ExpectedCell } from './expected.js';
import { attributeOf, Doubtful, orDoubtful, type Plain, plainOf, textOf } from './expected-value.js';
import { cellName, newRecorder } from './fuzz-plan.js';
import { bits, decoded, type Long64 } from './wire-schema.js';

interface Point {
  readonly start?: Long64;
  readonly time?: Long64;
  readonly attributes?: readonly Uint8Array[];
  readonly flags?: number;
  readonly value?: 'asDouble' | 'asInt';
  readonly asDouble?: number;
  readonly asInt?: Long64;
  readonly count?: Long64;
  readonly sum?: number | null;
  readonly bucketCounts?: readonly Long64[];
  readonly bounds?: readonly number[];
  readonly scale?: number;
  readonly zeroCount?: Long64;
  readonly positive?: Buckets;
  readonly negative?: Buckets;
}
interface Buckets {
  readonly offset?: number;
  readonly counts?: readonly Long64[];
}
interface Data {
  readonly points?: readonly Point[];
  readonly temporality?: number;
  readonly monotonic?: boolean;
}
type Form = 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';
type Metric = { readonly name?: Uint8Array } & { readonly [form in Form]?: readonly Data[] };
interface Metrics {
  readonly resourceMetrics?: readonly {
    readonly resource?: { readonly attributes?: readonly Uint8Array[] };
    readonly scopeMetrics?: readonly {
      readonly scope?: { readonly name?: Uint8Array; readonly version?: Uint8Array; readonly attributes?: readonly Uint8Array[] };
      readonly metrics?: readonly Metric[];
    }[];
  }[];
}

const forms: readonly Form[] = ['gauge', 'sum', 'histogram', 'exponential', 'summary'];

/**
 * Increases and histograms. The bytes are read by the other decoder; what its points mean is said by the reader of OTLP/JSON, which has
 * specs of its own.
 *
 * @throws {Error} the other decoder refuses the request
 */
export function expectedMetrics(bytes: Uint8Array): Expected {
  const recorder = newRecorder();
  const request = decoded<Metrics>('Metrics', bytes);
  const { accepted, refused } = recorder.recordDocument(documentOf(request));
  const cells = new Map<string, ExpectedCell>();
  for (const window of recorder.closeAll()) {
    for (const { signal, instrument, attributes, count, sum, histogram } of window.cells) {
      const form = `${instrument} ${histogram?.kind ?? ''}`;
      cells.set(cellName(window.from, signal, form, attributes), { count, sum });
    }
  }
  return { accepted, refused: [...refused.values()].reduce((sum, count) => sum + count, 0), cells, doubt: null };
}

const documentOf = ({ resourceMetrics = [] }: Metrics): object => ({
  resourceMetrics: resourceMetrics.map(({ resource, scopeMetrics = [] }) => ({
    resource: { attributes: attributesOf(resource?.attributes) },
    scopeMetrics: scopeMetrics.map(({ scope, metrics = [] }) => ({
      scope: { name: textOf(scope?.name), version: textOf(scope?.version), attributes: attributesOf(scope?.attributes) },
      metrics: metrics.flatMap((metric) => forms.flatMap((form) => (metric[form] ?? []).map((data) => metricOf(metric, form, data)))),
    })),
  })),
});

function metricOf({ name }: Metric, form: Form, { points = [], temporality = 0, monotonic = false }: Data): object {
  const field = form === 'exponential' ? 'exponentialHistogram' : form;
  const data = { aggregationTemporality: temporality, isMonotonic: monotonic, dataPoints: points.map((point) => pointOf(form, point)) };
  return { name: textOf(name), [field]: data };
}

function pointOf(form: Form, point: Point): object {
  const both = {
    attributes: attributesOf(point.attributes),
    startTimeUnixNano: bits(point.start).toString(),
    timeUnixNano: bits(point.time).toString(),
    flags: point.flags ?? 0,
  };
  if (form === 'gauge' || form === 'sum') return { ...both, ...numberOf(point) };
  const counted = { ...both, count: bits(point.count).toString(), ...(hasSum(form, point) ? { sum: point.sum ?? 0 } : {}) };
  if (form === 'summary') return counted;
  if (form === 'histogram') return { ...counted, bucketCounts: countsOf(point.bucketCounts), explicitBounds: point.bounds ?? [] };
  return {
    ...counted,
    scale: point.scale ?? 0,
    zeroCount: bits(point.zeroCount).toString(),
    positive: { offset: point.positive?.offset ?? 0, bucketCounts: countsOf(point.positive?.counts) },
    negative: { offset: point.negative?.offset ?? 0, bucketCounts: countsOf(point.negative?.counts) },
  };
}

/** A summary has always a sum; a histogram may lack it. */
const hasSum = (form: Form, point: Point): boolean => form === 'summary' || (Object.hasOwn(point, 'sum') && point.sum !== null);

function numberOf({ value, asDouble, asInt }: Point): object {
  if (value === 'asDouble') return { asDouble };
  return value === 'asInt' ? { asInt: BigInt.asIntN(64, bits(asInt)).toString() } : {};
}

const countsOf = (counts: readonly Long64[] = []): string[] => counts.map((count) => bits(count).toString());

const attributesOf = (encoded: readonly Uint8Array[] = []): object[] =>
  encoded.map((bytes) => {
    try {
      const [key, value] = attributeOf(bytes);
      return { key, value: anyValueOf(plainOf(value)) };
    } catch (error) {
      if (error instanceof Doubtful) return orDoubtful(() => lastOf(bytes));
      throw error;
    }
  });

/** Every attribute of a point is read, because it tells streams apart: of two keys or values the last. */
function lastOf(bytes: Uint8Array): object {
  const { key = [], value = [] } = decoded<{ key?: Uint8Array[]; value?: Uint8Array[] }>('KeyValue', bytes);
  const values = value.map((each) => plainOf(each));
  return { key: textOf(key.at(-1)), value: anyValueOf(values.at(-1) ?? null) };
}

function anyValueOf(value: Plain): object {
  if (value === null) return {};
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return { doubleValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValueOf) } };
  return { kvlistValue: { values: Object.entries(value).map(([key, item]) => ({ key, value: anyValueOf(item as Plain) })) } };
}
