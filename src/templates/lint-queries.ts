import type { HarmDirection, Margin, Metric } from '../domain/index.js';
import type { Fields } from './fields.js';
import type { Findings, Mistake } from './findings.js';
import type { AskedQuery, MetricReading } from './metric-reading.js';
import { eventsOutside, noHistogram, type SelectorFinding } from './promql/check-selectors.js';
import type { PromqlBound, PromqlContext, PromqlFinding } from './promql/finding.js';
import { lintPromql } from './promql/lint-promql.js';
import { normalForm } from './promql/normal-form.js';
import { parsePromql } from './promql/parse-promql.js';
import { isPlainSelector, placeInQuery, seriesName, warnOfExpression } from './read-query.js';

/** What is known of a metric once it has been read. */
export interface MetricOfQueries {
  readonly kind: Metric['kind'];
  readonly harm: HarmDirection;
  /** as the author says it; null: he does not */
  readonly ownUnit: string | null;
  readonly limit: number | null;
  readonly margin: Margin | null;
  readonly windowSeconds: number;
  readonly scrapeSeconds: number;
  /** of the metric */
  readonly places: Fields;
}

/** Reports what is wrong with the queries of a metric, each mistake where it stands in the text. */
export function lintQueries(reading: MetricReading, metric: MetricOfQueries): void {
  const { queries, findings } = reading;
  for (const asked of queries) lintQuery(asked, reading, metric);
  if (metric.kind === 'proportion') checkSameQuery(queries, findings);
  if (metric.kind === 'rate') checkSameQuery(queries, findings);
  if (metric.kind === 'proportion') report(queries[1], eventsOutside(queries[0]?.query ?? '', queries[1]?.query ?? ''), findings);
  if (metric.kind === 'percentiles') for (const asked of queries) report(asked, noHistogram(asked.query), findings);
  if (metric.kind === 'gauge' && queries.length > 0) checkBound(queries, metric, findings);
}

/** These say why a query is no selector, too. */
const explains = new Set(['invalid-promql', 'masked-missing-data', 'constant-query']);

function lintQuery(asked: AskedQuery, reading: MetricReading, metric: MetricOfQueries): void {
  const { query, field, form } = asked;
  const { findings } = reading;
  const isSelector = isPlainSelector(query);
  const found = lintPromql(query, contextOf(query, isSelector, reading, metric));
  for (const { code, severity, message, repair, offset } of rootsOf(found)) {
    const mistake: Mistake = { code, message, repair, path: field.path, at: placeInQuery(field.node, offset) };
    if (severity === 'error') findings.error(mistake);
    else findings.warning(mistake);
  }
  if (form === 'selector' && !isSelector && !found.some(({ code }) => explains.has(code))) warnOfExpression(query, field, findings);
}

/** What takes the place of missing data has no labels either: one mistake, not two. */
const rootsOf = (found: readonly PromqlFinding[]): readonly PromqlFinding[] =>
  found.some(({ code }) => code === 'masked-missing-data') ? found.filter(({ code }) => code !== 'cohort-lost') : found;

function contextOf(query: string, isSelector: boolean, reading: MetricReading, metric: MetricOfQueries): PromqlContext {
  const { specs } = reading.use;
  const { kind, windowSeconds, scrapeSeconds } = metric;
  const bound = boundOf(query, metric);
  return {
    cohortLabel: labelName(reading.cohortAttribute),
    cohorts: isSelector ? 'added' : 'answer',
    reads: kind === 'gauge' ? 'level' : 'counter',
    critical: reading.critical,
    windowSeconds,
    scrapeSeconds,
    arguments: Object.keys(specs).filter((name) => specs[name]?.type === 'string'),
    ...(bound && { bound }),
  };
}

/** The name that OpenTelemetry's translation to Prometheus gives an attribute. */
const labelName = (attribute: string): string => attribute.replace(/[^a-zA-Z0-9_]/g, '_');

/** Shares and events per second have units of their own; a number of seconds has been looked at where it was read. */
function boundOf(query: string, { kind, harm, ownUnit, limit }: MetricOfQueries): PromqlBound | null {
  if (kind === 'proportion' || kind === 'rate') return null;
  const unit = ownUnit === '' ? null : ownUnit;
  const isRead = unit === null && /_seconds(?:_|$)/.test(seriesName(query) ?? '');
  return { value: isRead ? null : limit, unit, harm };
}

/** Of what it is a part of itself, everything is a part; and everything is once per itself. */
function checkSameQuery([first, second]: readonly AskedQuery[], findings: Findings): void {
  if (!first || !second || normal(first.query) !== normal(second.query)) return;
  const [whole, part] = isEvents(second) ? [first, second] : [second, first];
  const isRate = lastOf(whole) === 'per';
  const message = isRate
    ? "'events' and 'per' are one query: the rate is 1 in both cohorts, whatever is released"
    : "'events' and 'of' are one query: the share is 1 in both cohorts, whatever is released";
  const repair = isRate
    ? "name in 'events' what should not happen"
    : 'add to \'events\' the condition by which they are known, such as code=~"5.."';
  findings.error({ code: 'same-query', message, repair, path: part.field.path, at: placeInQuery(part.field.node, 0) });
}

const lastOf = ({ field }: AskedQuery): string => field.path.split('.').at(-1) ?? '';
const isEvents = (asked: AskedQuery): boolean => lastOf(asked) === 'events';

/** Queries that ask the same, written alike. */
function normal(query: string): string {
  const parsed = parsePromql(query);
  return 'expr' in parsed ? normalForm(parsed.expr, query) : query.replace(/\s+/g, '');
}

function report(asked: AskedQuery | undefined, found: SelectorFinding | null, findings: Findings): void {
  if (asked === undefined || found === null) return;
  const { code, message, repair, offset } = found;
  findings.warning({ code, message, repair, path: asked.field.path, at: placeInQuery(asked.field.node, offset) });
}

const rarely = /error|fail|5\.\.|5xx|reject|timeout|timed_out|panic|drop|exception|abort|denied|crash|oom_?kill|retries|lost/i;

/** What accepts nothing at all, or nothing while there is nothing. */
function checkBound(queries: readonly AskedQuery[], { limit, margin, harm, places }: MetricOfQueries, findings: Findings): void {
  const path = places.path;
  if (limit === 0 && harm === 'increase') {
    const message =
      'a limit of zero accepts not a single one: with enough traffic every release fails, as good as the one before it or not';
    const repair = "accept a little, or compare with the baseline: 'margin'";
    findings.warning({ code: 'zero-tolerance', message, repair, path: `${path}.limit`, at: places.placeOf('limit') });
  }
  const isRelative = margin !== null && margin.relative > 0 && margin.absolute === 0 && harm !== 'decrease';
  if (isRelative && queries.some(({ query }) => rarely.test(query))) {
    const message =
      'a purely relative margin cannot be shown while the level is zero, as that of errors usually is: of nothing, any share is nothing';
    const repair = "add a small 'absolute', in the unit of the metric";
    findings.warning({ code: 'relative-margin-only', message, repair, path: `${path}.margin`, at: places.placeOf('margin') });
  }
}
