/** What Orca's Kotlin classes make of an execution. */
export interface OrcaExecution {
  readonly complete: boolean;
  readonly status: string;
  readonly score: number | null;
  readonly classification: string | null;
  readonly warnings: readonly string[];
  readonly exception: unknown;
}

const statuses = 'not_started running paused suspended succeeded failed_continue terminal canceled redirect stopped skipped buffered'.split(
  ' ',
);

/**
 * Reads `GET /canary/{executionId}` as Orca does: unknown fields are ignored, a missing field that Kotlin holds not to be
 * null makes the stage fail.
 *
 * @throws {Error} with the path of what is missing or of another type
 */
export function readOrcaExecution(body: unknown): OrcaExecution {
  const root = object(body, 'body');
  const status = text(root, 'status', 'body');
  if (!statuses.includes(status)) throw new Error(`status '${status}' is none of Orca's`);
  text(root, 'application', 'body');
  const complete = root['complete'];
  if (typeof complete !== 'boolean') throw new Error('complete is no boolean');
  const exception = root['exception'] ?? null;
  if (exception !== null) object(exception, 'exception');
  const result = root['result'] ?? null;
  if (result === null) return { complete, status, score: null, classification: null, warnings: [], exception };
  const judged = object(object(result, 'result')['judgeResult'], 'result.judgeResult');
  const score = object(judged['score'], 'score');
  const number = score['score'];
  if (typeof number !== 'number') throw new Error('score.score is no number');
  text(score, 'classificationReason', 'score');
  const duration = object(result, 'result')['canaryDuration'] ?? null;
  if (duration !== null && !/^PT(?=\d)(\d+H)?(\d+M)?(\d+S)?$/.test(String(duration))) throw new Error('canaryDuration is no duration');
  const counts = countsOf(judged['results']);
  const few = counts.some((count) => count < 50);
  const warnings = few ? ['the canary analysis has fewer than 50 data points'] : [];
  return { complete, status, score: Math.trunc(number), classification: text(score, 'classification', 'score'), warnings, exception };
}

/** The stage after one interval: the last one must reach `pass`, the others more than `marginal`. */
export function orcaStage({ score }: OrcaExecution, thresholds: { pass: number; marginal: number }, isLast: boolean): string {
  if (score === null || score <= thresholds.marginal) return 'TERMINAL';
  return isLast && score < thresholds.pass ? 'TERMINAL' : 'SUCCEEDED';
}

function countsOf(results: unknown): number[] {
  if (!Array.isArray(results)) throw new Error('judgeResult.results is no list');
  return results.map((entry, index) => {
    const path = `results[${index}]`;
    const stats = object(object(object(entry, path)['controlMetadata'], `${path}.controlMetadata`)['stats'], `${path}.stats`);
    const count = stats['count'];
    if (!Number.isInteger(count)) throw new Error(`${path}.controlMetadata.stats.count is no integer`);
    return Number(count);
  });
}

function object(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${path} is no object`);
  return value as Record<string, unknown>;
}

function text(fields: Record<string, unknown>, key: string, path: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new Error(`${path}.${key} is no text`);
  return value;
}
