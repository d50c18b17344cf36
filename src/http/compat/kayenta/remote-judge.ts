import { judgePoints, type PointsOfMetric } from '../../../analysis/index.js';
import {
  type CanaryConfig,
  type CanaryMetric,
  JsonFields,
  judgeNames,
  readThresholds,
  readUnnamedConfig,
  refuseProblems,
} from '../../../templates/index.js';
import { type CanaryResult, type JudgeResult, type SideStats } from './judge-result.js';

/** One metric's time series, as Kayenta hands them to a judge. */
interface MetricSetPair {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly metric: CanaryMetric;
  readonly control: readonly number[];
  readonly experiment: readonly number[];
}

const fromPoints = 'from points, judged once; not valid under peeking';

/**
 * Kayenta's own judge on the points that Kayenta sends to `RemoteJudge-v1.0`.
 *
 * @throws {InvalidRequestError} with all mistakes
 */
export function judgeRemotely(body: unknown): JudgeResult {
  const problems: string[] = [];
  const fields = new JsonFields(body, '', problems);
  const config = readUnnamedConfig(fields.raw('canaryConfig'), problems);
  const thresholds = readThresholds(fields.object('scoreThresholds'));
  const pairs = fields
    .list('metricSetPairList', 1000)
    .flatMap((pair, index) => readPair(pair, `metricSetPairList[${index}]`, config, problems));
  if (pairs.length === 0) problems.push('metricSetPairList is empty: there is nothing to judge');
  refuseProblems(problems);
  const { results, score } = judgePoints(pairs.map(pointsOf), config.groupWeights, thresholds);
  const answers = pairs.map((pair, index) => resultOf(pair, results[index] as (typeof results)[number]));
  const why = { ok: `score ${score.score} of 100`, critical: critically(answers), nodata: 'at least half of the metrics have no data' };
  return {
    judgeName: judgeNames.kayenta,
    score: { score: score.score, classification: score.classification, classificationReason: `${why[score.path]} (${fromPoints})` },
    groupScores: Object.entries(score.groups).map(([name, each]) => ({ name, score: each, classification: '', classificationReason: '' })),
    results: answers,
  };
}

function readPair(value: unknown, path: string, { metrics }: CanaryConfig, problems: string[]): MetricSetPair[] {
  const fields = new JsonFields(value, path, problems);
  const name = fields.text('name', 200);
  const metric = metrics.find((each) => each.name === name);
  if (!metric) problems.push(`${path}: the config has no metric '${name.slice(0, 80)}'`);
  const [tags, values] = [fields.object('tags'), fields.object('values')];
  const texts = tags.keys().map((key): [string, string] => [key, tags.text(key)]);
  const read = { control: readPoints(values, 'control'), experiment: readPoints(values, 'experiment') };
  return metric ? [{ id: fields.text('id', 200), tags: Object.fromEntries(texts), metric, ...read }] : [];
}

/** Jackson writes NaN and the infinities as texts. A point that is no finite number is missing. */
function readPoints(fields: JsonFields, key: string): number[] {
  return fields.list(key, 20_000).map((point) => {
    if (typeof point === 'number' && Number.isFinite(point)) return point;
    if (point !== null && point !== 'NaN' && point !== 'Infinity' && point !== '-Infinity') fields.wrong(key, 'a list of numbers or "NaN"');
    return Number.NaN;
  });
}

function pointsOf({ metric, control, experiment }: MetricSetPair): PointsOfMetric {
  const { groups, muted, direction, critical, mustHaveData } = metric;
  const { nanStrategy, outlierStrategy, outlierFactor, effectMeasure } = metric;
  const { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease } = metric;
  const optional = { nanStrategy, outlierStrategy, outlierFactor, effectMeasure };
  const effects = { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease };
  const given = Object.fromEntries(Object.entries({ ...optional, ...effects }).filter(([, setting]) => setting !== null));
  return { groups, muted, control, experiment, settings: { direction, critical, mustHaveData, ...given } };
}

type Classified = ReturnType<typeof judgePoints>['results'][number];

function resultOf(
  { id, tags, metric, control, experiment }: MetricSetPair,
  { classification, critical, deviation, shift }: Classified,
): CanaryResult {
  const between = shift ? `shift between ${shift.lower} and ${shift.upper}, ` : '';
  return {
    id,
    name: metric.name,
    tags,
    groups: metric.groups,
    classification,
    classificationReason: `${classification}: ${between}${fromPoints}`,
    critical,
    muted: metric.muted,
    controlMetadata: { stats: statsOf(control) },
    experimentMetadata: { stats: statsOf(experiment) },
    resultMetadata: Number.isNaN(deviation) ? {} : { ratio: deviation },
  };
}

/** Of the points that are numbers; JSON has no NaN, so that an empty side has a count only. */
function statsOf(points: readonly number[]): SideStats {
  const present = points.filter((point) => !Number.isNaN(point)).sort((a, b) => a - b);
  const count = present.length;
  const [min, max] = [present[0], present.at(-1)];
  if (min === undefined || max === undefined) return { count: 0 };
  const mean = present.reduce((sum, point) => sum + point / count, 0);
  const variance = count < 2 ? 0 : present.reduce((sum, point) => sum + (point - mean) ** 2, 0) / (count - 1);
  const median = ((present[(count - 1) >> 1] as number) + (present[count >> 1] as number)) / 2;
  return { count, mean, min, max, median, std: Math.sqrt(variance) };
}

const critically = (results: readonly CanaryResult[]): string =>
  `critical: ${results.flatMap(({ critical, name, classification }) => (critical ? [`${name} ${classification}`] : [])).join(', ')}`;
