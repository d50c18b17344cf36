import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../templates/index.js';

/** Timers hold no more than 24 days. */
const longestSeconds = 20 * 86_400;

/** Base of a server's URL, without the last slash. Tokens do not belong into it: URLs end up in logs. */
export function serverUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('give a URL such as https://assay.example.com');
  if (url.username || url.password) throw new InvalidArgumentError('give the token by --token-file, not in the URL');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** A share of the traffic in (0, 1], written as `0.05` or `5%`. */
export function share(text: string): number {
  const percent = text.endsWith('%');
  const number = percent ? text.slice(0, -1) : text;
  const value = /^(\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) / (percent ? 100 : 1) : Number.NaN;
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('give a share such as 0.05 or 5%');
  return value;
}

/** Seconds of `90s`, `15m` or `2h`. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null || !(seconds > 0 && seconds <= longestSeconds)) {
    throw new InvalidArgumentError('give a duration such as 90s, 15m or 2h, at most 20 days');
  }
  return seconds;
}
