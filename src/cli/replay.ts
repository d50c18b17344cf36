import { type CohortChoice, newRun, replayRun } from '../analysis/index.js';
import { type ClosedWindow, InvalidRequestError, type Look, type Run, type Template } from '../domain/index.js';
import { formatDuration } from '../templates/index.js';

/** What is judged against what; null: to be found in the telemetry. */
export interface Sides {
  readonly baseline: CohortChoice | null;
  readonly canary: CohortChoice | null;
}

/**
 * A retrospective run over everything that was recorded; what a template compares with earlier days begins after its references.
 *
 * @param windows  closed windows of all services, ascending
 * @throws {InvalidRequestError} nothing was recorded, or the telemetry does not say which two cohorts to compare
 */
export function runOver(template: Template, sides: Sides, windows: readonly ClosedWindow[], now: Date): Run {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last) throw new InvalidRequestError('the files hold no telemetry that the template could read');
  const windowMs = template.schedule.windowSeconds * 1000;
  const earlier = template.cohorts.baseline;
  const isSaid = sides.canary !== null && (sides.baseline !== null || earlier !== undefined);
  const { baseline, canary } = isSaid ? { baseline: sides.baseline, canary: sides.canary ?? '' } : sidesIn(template, sides, windows);
  const referenceMs = earlier ? earlier.references * earlier.beforeSeconds * 1000 : 0;
  if (earlier && last.to - first.from < referenceMs + windowMs) {
    const needed = `${earlier.references} references of ${formatDuration(earlier.beforeSeconds)} and a window of ${formatDuration(windowMs / 1000)} after them`;
    throw new InvalidRequestError(`${needed} are needed, the files hold ${formatDuration((last.to - first.from) / 1000)}`);
  }
  refuseTooMany({ from: first.from + referenceMs, to: last.to }, windowMs);
  const request = {
    template: template.name,
    arguments: {},
    baseline,
    canary,
    weight: null,
    labels: {},
    idempotencyKey: null,
    from: new Date(Math.floor(first.from / windowMs) * windowMs + referenceMs),
    to: new Date(Math.ceil(last.to / windowMs) * windowMs),
  };
  return newRun(template, request, new Date(Math.max(now.getTime(), request.to.getTime())));
}

/** A week of windows of 1 s, four months of windows of 15 s: more in one recording are a clock that was wrong. */
const mostWindows = 700_000;

function refuseTooMany({ from, to }: Pick<ClosedWindow, 'from' | 'to'>, windowMs: number): void {
  const count = Math.ceil((to - from) / windowMs);
  if (count <= mostWindows) return;
  const range = `from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
  throw new InvalidRequestError(
    `the files reach ${range}: ${count} windows of ${formatDuration(windowMs / 1000)}, and at most ${mostWindows} are replayed; ` +
      'a wrong timestamp does that: remove what was recorded at a time that cannot be, or replay the files in parts',
  );
}

/** The two sides where the telemetry leaves no doubt: values named baseline and canary, or one given and one other. */
function sidesIn(template: Template, given: Sides, windows: readonly ClosedWindow[]): { baseline: CohortChoice; canary: CohortChoice } {
  const { by } = template.cohorts;
  const counts = new Map<string, number>();
  for (const { cells } of windows) {
    for (const { attributes, count } of cells) {
      const value = attributes[by];
      if (value) counts.set(value, (counts.get(value) ?? 0) + count);
    }
  }
  const values = [...counts.keys()].sort();
  const other = (side: CohortChoice): string | undefined =>
    values.length === 2 && typeof side === 'string' ? values.find((value) => value !== side) : undefined;
  const baseline = given.baseline ?? (given.canary === null ? values.find((value) => value === 'baseline') : other(given.canary));
  const canary = given.canary ?? (given.baseline === null ? values.find((value) => value === 'canary') : other(given.baseline));
  if (baseline !== undefined && canary !== undefined) return { baseline, canary };
  const seen = values.length > 0 ? values.map((value) => `${value} (${counts.get(value)} observations)`).join(', ') : 'none at all';
  throw new InvalidRequestError(`say which values of ${by} to compare with --baseline and --canary; in the files: ${seen}`);
}

/** Every look of the run, the last one final. */
export const looksOf = (run: Run, windows: readonly ClosedWindow[]): Generator<Look, void> => replayRun(run, windows);
