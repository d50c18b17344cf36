import { limits } from '../edge/limits.js';

/** How long a caller is willing to wait, at most what a proxy in between survives. Milliseconds; 0 without a wish. */
export function waitMsOf(wait: string | undefined): number {
  const [, number = '0', unit] = /^(\d{1,6})(ms|s)$/.exec(wait ?? '') ?? [];
  return Math.min(limits.longPollMs, Number(number) * (unit === 's' ? 1000 : 1));
}
