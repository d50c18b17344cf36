import { limits } from '../edge/limits.js';

/** How long a caller is willing to wait, in milliseconds; 0 without a wish. Null: no duration, or more than a proxy in between survives. */
export function waitMsOf(wait: string | undefined): number | null {
  if (wait === undefined) return 0;
  const [, number, unit] = /^(\d{1,6})(ms|s)$/.exec(wait) ?? [];
  const ms = Number(number) * (unit === 's' ? 1000 : 1);
  return ms <= limits.longPollMs ? ms : null;
}

export const waitRule = `wait has to be a duration of at most ${limits.longPollMs / 1000}s, such as 10s or 500ms`;
