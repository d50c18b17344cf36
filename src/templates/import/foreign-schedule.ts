import { formatDuration } from '../duration.js';

/** How often another tool measures, and how many times. */
export interface ForeignSchedule {
  readonly intervalSeconds: number | null;
  /** measurements it takes before it says yes; null: it goes on until the rollout ends */
  readonly count: number | null;
  readonly delaySeconds: number | null;
}

const hour = 3600;
const day = 86_400;

/**
 * A schedule that says yes no sooner than the other tool did, and has twice as long to be sure.
 *
 * A window is one interval, but at least 30 s, in which Prometheus scrapes twice, and at most 60 s.
 */
export function scheduleOf({ intervalSeconds, count, delaySeconds }: ForeignSchedule): Record<string, string> {
  const window = Math.round(Math.min(60, Math.max(30, intervalSeconds ?? 60)));
  const asked = intervalSeconds !== null && count !== null && count > 0 ? intervalSeconds * count : null;
  const minDuration = asked === null ? null : Math.round(Math.min(2 * day, Math.max(window, asked)));
  const warmup = delaySeconds === null ? null : Math.round(Math.min(day, Math.max(0, delaySeconds)));
  const least = (warmup ?? 60) + 2 * (minDuration ?? 300) + window;
  return {
    window: formatDuration(window),
    ...(warmup !== null && { warmup: formatDuration(warmup) }),
    ...(minDuration !== null && { minDuration: formatDuration(minDuration) }),
    deadline: formatDuration(Math.max(hour, Math.ceil(least / 60) * 60)),
  };
}

export const scheduleInWords = (schedule: Readonly<Record<string, string>>): string =>
  Object.entries(schedule)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
