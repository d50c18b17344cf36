import { type CanaryConfig, JsonFields, readThresholds, type Thresholds } from '../../../templates/index.js';

/** One side of a comparison, as Kayenta's clients say it. */
export interface CanaryScope {
  readonly scope: string;
  readonly location: string;
  readonly start: Date;
  readonly end: Date;
  readonly stepSeconds: number;
  readonly extendedScopeParams: Readonly<Record<string, string>>;
}

export interface ScopePair {
  readonly control: CanaryScope;
  readonly experiment: CanaryScope;
}

/** What an execution is asked to compare. */
export interface ExecutionRequest {
  readonly scopes: Readonly<Record<string, ScopePair>>;
  readonly thresholds: Thresholds;
}

/** The same start, end and step for all sides: a run has one clock. */
export interface Stretch {
  readonly start: Date;
  readonly end: Date;
  readonly stepSeconds: number;
}

/** Rejects what Kayenta takes and could not be answered without lying; see docs/integrations/kayenta.md. */
export function readExecutionRequest(body: unknown, config: CanaryConfig, problems: string[]): ExecutionRequest {
  const fields = new JsonFields(body, '', problems);
  const scopes = fields.object('scopes');
  const pairs = scopes.keys().map((name): [string, ScopePair] => [name, readPair(scopes.object(name))]);
  if (pairs.length === 0) problems.push('scopes must name at least one pair of controlScope and experimentScope');
  for (const { name, scopeName } of config.metrics) {
    if (!pairs.some(([known]) => known === scopeName)) problems.push(`metric '${name}' wants the scope '${scopeName}', which is not given`);
  }
  const thresholds = fields.has('thresholds') ? readThresholds(fields.object('thresholds')) : config.thresholds;
  if (thresholds === null) problems.push('thresholds must be given: { pass, marginal }');
  else if (!(thresholds.marginal > 0))
    problems.push('thresholds: marginal must be above 0, or a rollback, which scores 0, would pass for a hold');
  else if (!hasRoomForHold(thresholds))
    problems.push(
      `thresholds: pass (${thresholds.pass}) must be above marginal (${thresholds.marginal}) by 2 or more, so that a hold has a score of its own between them`,
    );
  return { scopes: Object.fromEntries(pairs), thresholds: thresholds ?? { pass: 0, marginal: 0 } };
}

/** A whole number strictly between marginal and pass: clients compare truncated numbers, and Orca fails `score <= marginal`. */
export const holdScore = ({ pass, marginal }: Thresholds): number => Math.floor((pass + marginal) / 2);

const hasRoomForHold = (thresholds: Thresholds): boolean =>
  holdScore(thresholds) > thresholds.marginal && holdScore(thresholds) < Math.floor(thresholds.pass);

/** A week of minutes. */
const mostSteps = 10_080;

/** @returns null, with a problem, where sides differ in their times */
export function stretchOf({ scopes }: ExecutionRequest, problems: string[]): Stretch | null {
  const all = Object.values(scopes).flatMap(({ control, experiment }) => [control, experiment]);
  const [first] = all;
  if (!first) return null;
  const { start, end, stepSeconds } = first;
  if (all.some((side) => side.start.getTime() !== start.getTime() || side.end.getTime() !== end.getTime())) {
    problems.push(
      'controlScope and experimentScope cover different times (baselineAnalysisOffsetInMins, controlOffsetInMinutes): a run compares the same minutes on both sides',
    );
    return null;
  }
  if (all.some((side) => side.stepSeconds !== stepSeconds)) {
    problems.push('controlScope and experimentScope have different steps: a run has one window length');
    return null;
  }
  if (end.getTime() - start.getTime() > mostSteps * stepSeconds * 1000) problems.push(`start to end is longer than ${mostSteps} steps`);
  if (end.getTime() - start.getTime() < stepSeconds * 1000) problems.push(`start to end is shorter than one step of ${stepSeconds} s`);
  return { start, end, stepSeconds };
}

function readPair(fields: JsonFields): ScopePair {
  for (const side of ['controlScope', 'experimentScope']) if (!fields.has(side)) fields.wrong(side, 'given');
  return { control: readScope(fields.object('controlScope')), experiment: readScope(fields.object('experimentScope')) };
}

function readScope(fields: JsonFields): CanaryScope {
  const step = fields.number('step') ?? 60;
  if (!(Number.isInteger(step) && step >= 1 && step <= 3600)) fields.wrong('step', 'whole seconds from 1 to 3600');
  const extended = fields.object('extendedScopeParams');
  return {
    scope: fields.text('scope'),
    location: fields.text('location'),
    start: readInstant(fields, 'start'),
    end: readInstant(fields, 'end'),
    stepSeconds: step,
    extendedScopeParams: Object.fromEntries(extended.keys().map((name) => [name, extended.text(name)])),
  };
}

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339, or milliseconds since the epoch, as Jackson writes instants when nobody tells it otherwise. */
function readInstant(fields: JsonFields, key: string): Date {
  const value = fields.raw(key);
  const text = typeof value === 'string' && instant.test(value) ? value : null;
  const moment = new Date(typeof value === 'number' ? value : (text ?? Number.NaN));
  if (!Number.isNaN(moment.getTime())) return moment;
  fields.wrong(key, 'a moment such as 2026-02-01T10:00:00Z');
  return new Date(0);
}
