import { InvalidRequestError } from '../../../domain/index.js';
import { JsonFields, refuseProblems, type Thresholds } from '../../../templates/index.js';
import { type ExecutionCaller } from './execution.js';

/** An analysis over a lifetime, in the words of Kayenta's standalone API. */
export interface StandaloneRequest {
  readonly start: Date;
  readonly lifetimeMs: number;
  readonly intervalMs: number;
  /** 0: every interval begins at the start */
  readonly lookbackMs: number;
  readonly stepSeconds: number;
  readonly thresholds: unknown;
  readonly scopes: readonly JsonScope[];
}

interface JsonScope {
  readonly name: string;
  readonly control: { readonly scope: string; readonly location: string };
  readonly experiment: { readonly scope: string; readonly location: string };
  readonly extendedScopeParams: unknown;
}

/** What an analysis was asked, and the executions of its intervals so far. */
export interface StandaloneAnalysis {
  readonly caller: ExecutionCaller;
  readonly user: string;
  readonly config: unknown;
  readonly request: unknown;
  readonly thresholds: Thresholds;
  /** when the request was read: what it leaves out is counted from here */
  readonly askedAt: string;
  readonly executions: readonly string[];
}

const minuteMs = 60_000;
const mostIntervals = 500;

/**
 * What `POST /standalone_canary_analysis` asks. `endTimeIso` beats the lifetime; an interval longer than the lifetime is the lifetime.
 *
 * @throws {InvalidRequestError} with all mistakes
 */
export function readStandaloneRequest(body: unknown, now: Date): StandaloneRequest {
  const problems: string[] = [];
  const fields = new JsonFields(body, '', problems);
  const scopes = fields.list('scopes', 50).map((scope, index) => new JsonFields(scope, `scopes[${index}]`, problems));
  if (scopes.length === 0) problems.push('scopes must name at least one scope');
  const minutes = (key: string, fallback: number): number => {
    const given = fields.number(key) ?? fallback;
    if (!(given >= 0 && given <= 43_200)) fields.wrong(key, 'minutes from 0 to 43200');
    return given * minuteMs;
  };
  const times = scopes.map((scope) => [scope.text('startTimeIso'), scope.text('endTimeIso'), scope.number('step')].join());
  if (new Set(times).size > 1) problems.push('all scopes must have the same startTimeIso, endTimeIso and step');
  if (scopes.some((scope) => (scope.number('controlOffsetInMinutes') ?? 0) !== 0))
    problems.push('controlOffsetInMinutes is not supported: a run compares the same minutes on both sides');
  const start = momentOf(scopes[0], 'startTimeIso') ?? new Date(now.getTime() + minutes('beginAfterMins', 0));
  const end = momentOf(scopes[0], 'endTimeIso');
  const lifetimeMs = end ? end.getTime() - start.getTime() : minutes('lifetimeDurationMins', 0);
  if (!(lifetimeMs >= minuteMs)) problems.push('lifetimeDurationMins, or endTimeIso, must give at least a minute');
  const intervalMs = Math.min(minutes('analysisIntervalMins', 0) || lifetimeMs, lifetimeMs);
  if (lifetimeMs / intervalMs > mostIntervals) problems.push(`the lifetime has more than ${mostIntervals} intervals`);
  refuseProblems(problems);
  const request = {
    start,
    lifetimeMs,
    intervalMs,
    lookbackMs: minutes('lookbackMins', 0),
    stepSeconds: scopes[0]?.number('step') ?? 60,
    thresholds: fields.raw('thresholds'),
    scopes: scopes.map(scopeOf),
  };
  refuseProblems(problems);
  return request;
}

/** The request of the execution that judges interval `index`, as `POST /canary` takes it. */
export function intervalRequest(request: StandaloneRequest, index: number): { readonly end: Date; readonly body: object } {
  const { start, intervalMs, lookbackMs, stepSeconds, thresholds } = request;
  const end = new Date(start.getTime() + (index + 1) * intervalMs);
  const begin = lookbackMs > 0 ? new Date(Math.max(start.getTime(), end.getTime() - lookbackMs)) : start;
  const side = ({ scope, location }: { scope: string; location: string }, extendedScopeParams: unknown): object => ({
    scope,
    location,
    step: stepSeconds,
    start: begin.toISOString(),
    end: end.toISOString(),
    extendedScopeParams,
  });
  const scopes = request.scopes.map(({ name, control, experiment, extendedScopeParams }) => [
    name,
    { controlScope: side(control, extendedScopeParams), experimentScope: side(experiment, extendedScopeParams) },
  ]);
  return { end, body: { scopes: Object.fromEntries(scopes), thresholds } };
}

/** How many intervals are judged: whole ones, at least one. */
export const intervalsOf = ({ lifetimeMs, intervalMs }: StandaloneRequest): number =>
  Math.max(1, Math.floor(lifetimeMs / intervalMs + 1e-9));

function scopeOf(fields: JsonFields): JsonScope {
  return {
    name: fields.text('scopeName') || 'default',
    control: { scope: fields.text('controlScope'), location: fields.text('controlLocation') },
    experiment: { scope: fields.text('experimentScope'), location: fields.text('experimentLocation') },
    extendedScopeParams: fields.raw('extendedScopeParams') ?? {},
  };
}

function momentOf(fields: JsonFields | undefined, key: string): Date | null {
  const text = fields?.text(key) ?? '';
  if (text === '') return null;
  const moment = new Date(/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : Number.NaN);
  if (Number.isNaN(moment.getTime())) throw new InvalidRequestError(`${key} must be a moment such as 2026-02-01T10:00:00Z`);
  return moment;
}
