const secondsPerUnit: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of `15s`, `500ms`, `5m`, `1h30m`, `1d`; null where the text is no duration.
 *
 * Units: ns, us, ms, s, m, h, d. A bare number is no duration: nobody knows its unit.
 */
export function parseDuration(text: string): number | null {
  if (!/^(?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h|d)){1,8}$/.test(text)) return null;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h|d)/g)) {
    seconds += Number(amount) * (secondsPerUnit[unit] ?? 0);
  }
  return roundedToNanoseconds(seconds);
}

/** Shortest way to write a duration that parseDuration reads back: 90 → `90s`, 0.5 → `500ms`, 3600 → `1h`. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${roundedToNanoseconds(seconds * 1000)}ms`;
  for (const unit of ['d', 'h', 'm']) {
    const size = secondsPerUnit[unit] ?? 1;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

/** 0.1 s + 0.2 s is 0.3 s, not 0.30000000000000004. */
const roundedToNanoseconds = (seconds: number): number => Number(seconds.toFixed(9));
