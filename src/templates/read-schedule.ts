import type { Budget, OnDeadline, Schedule } from '../domain/index.js';
import { formatDuration } from './duration.js';
import type { Fields } from './fields.js';
import { duration, integer, number, oneOf, ratio } from './readers.js';

const day = 86_400;
const deadlines: readonly OnDeadline[] = ['hold', 'rollback', 'promote-if-bounded'];

/** When looks are taken. Without `fields` all defaults hold; `scrapeSeconds`: every metric is read from Prometheus, which learns so often. */
export function readSchedule(fields: Fields | null, scrapeSeconds: number | null): Schedule {
  const read = (key: string, range: Parameters<typeof duration>[0], fallback: number): number =>
    fields?.optional(key, duration(range), fallback) ?? fallback;
  const windowSeconds = read('window', { min: 1, max: 3600 }, 15);
  const deadlineMargin = fields?.optional('deadlineMargin', number({ min: 1, max: 10 }), null) ?? null;
  const schedule: Schedule = {
    windowSeconds,
    latenessSeconds: read('lateness', { min: 0, max: 3600 }, scrapeSeconds === null ? 5 : 30),
    warmupSeconds: read('warmup', { min: 0, max: day }, 60),
    minDurationSeconds: read('minDuration', { min: 0, max: 7 * day }, 300),
    minSamples: fields?.optional('minSamples', integer({ min: 1, max: 1e9 }), 100) ?? 100,
    deadlineSeconds: read('deadline', { min: 1, max: 7 * day }, 3600),
    onDeadline: fields?.optional('onDeadline', oneOf(deadlines), 'hold') ?? 'hold',
    ...(deadlineMargin === null ? {} : { deadlineMargin }),
    staleAfterSeconds: read('staleAfter', { min: 1, max: day }, Math.max(4 * windowSeconds, 60)),
    bakeSeconds: read('bake', { min: 0, max: 7 * day }, 0),
  };
  if (fields !== null) {
    fields.done();
    checkSchedule(schedule, fields);
    if (scrapeSeconds !== null && fields.has('window')) checkScrapes(windowSeconds, scrapeSeconds, fields);
  }
  return schedule;
}

function checkSchedule(schedule: Schedule, fields: Fields): void {
  const { windowSeconds, warmupSeconds, minDurationSeconds, deadlineSeconds, onDeadline, deadlineMargin, staleAfterSeconds } = schedule;
  const report = (key: string, code: string, message: string, repair: string): void =>
    fields.findings.error({ code, message, repair, path: `${fields.path}.${key}`, at: fields.placeOf(key) });
  if (!Number.isInteger(windowSeconds)) {
    const whole = formatDuration(Math.max(1, Math.round(windowSeconds)));
    report('window', 'window-not-whole-seconds', "'window' must be whole seconds", `write ${whole}`);
  }
  const least = Math.max(minDurationSeconds + warmupSeconds, warmupSeconds + windowSeconds);
  if (deadlineSeconds < least) {
    const parts = `'warmup' ${formatDuration(warmupSeconds)} and 'minDuration' ${formatDuration(minDurationSeconds)}`;
    const message = `the deadline of ${formatDuration(deadlineSeconds)} comes before ${parts} are over: no verdict but hold is possible`;
    report(
      fields.has('deadline') ? 'deadline' : 'minDuration',
      'deadline-too-short',
      message,
      `write deadline: ${formatDuration(least)} or more`,
    );
  }
  if (deadlineMargin !== undefined && onDeadline !== 'promote-if-bounded') {
    const message = `'deadlineMargin' is for a promote at the deadline, and onDeadline is ${onDeadline}`;
    report('deadlineMargin', 'deadline-margin-unused', message, 'remove it, or write onDeadline: promote-if-bounded');
  }
  if (staleAfterSeconds < windowSeconds) {
    const message = `'staleAfter' ${formatDuration(staleAfterSeconds)} is shorter than one window of ${formatDuration(windowSeconds)}`;
    report('staleAfter', 'stale-before-window', message, `write staleAfter: ${formatDuration(4 * windowSeconds)}`);
  }
}

/** Counters move when they are scraped: some windows would see nothing, and others twice as much. */
function checkScrapes(windowSeconds: number, scrapeSeconds: number, fields: Fields): void {
  if (!(windowSeconds > 0) || windowSeconds >= 2 * scrapeSeconds) return;
  const message = `a window of ${formatDuration(windowSeconds)} sees fewer than two scrapes, one every ${formatDuration(scrapeSeconds)}: counts come in lumps`;
  const repair = `write window: ${formatDuration(2 * scrapeSeconds)} or more`;
  const { findings, path } = fields;
  findings.warning({ code: 'range-below-two-scrapes', message, repair, path: `${path}.window`, at: fields.placeOf('window') });
}

export const defaultBudget: Budget = { falseRollback: 0.01, falsePromote: 0.05 };

/** The error rates promised over the whole rollout; one in a million is less than anything else in a release is sure of. */
export function readBudget(fields: Fields): Budget {
  const range = { min: 1e-6, max: 0.5 };
  const budget = {
    falseRollback: fields.optional('falseRollback', ratio(range), defaultBudget.falseRollback),
    falsePromote: fields.optional('falsePromote', ratio(range), defaultBudget.falsePromote),
  };
  fields.done();
  return budget;
}
