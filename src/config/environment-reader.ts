import { type Issue } from '../domain/index.js';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

const secondsIn = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
const bytesIn = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/**
 * Reads typed values and collects every problem instead of stopping at the first.
 *
 * A value with a problem is answered with its default, which nobody will see: the settings are refused as a whole.
 * Messages never repeat what was written where that could be a secret.
 */
export class EnvironmentReader {
  readonly issues: Issue[] = [];

  constructor(private readonly environment: Environment) {}

  /** Empty means not set: `ASSAY_X=` in a compose file is how people turn something off. */
  text(name: string): string | null {
    return this.environment[name]?.trim() || null;
  }

  integer(name: string, fallback: number, { minimum, maximum }: Range): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    return this.problem(name, 'out-of-range', `is ${quote(text)}`, `give a whole number from ${minimum} to ${maximum}`, fallback);
  }

  /** @returns seconds */
  duration(name: string, fallback: number, { minimum, maximum }: Range): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
    const value = Number(number || Number.NaN) * (secondsIn[unit as keyof typeof secondsIn] ?? Number.NaN);
    if (value >= minimum && value <= maximum) return value;
    return this.problem(name, 'not-a-duration', `is ${quote(text)}`, `give ${minimum} s to ${maximum} s, such as 30s, 5m or 1h`, fallback);
  }

  /** @returns bytes */
  bytes(name: string, fallback: number, { minimum, maximum }: Range): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const [, number = '', unit = 'B'] = /^(\d{1,15})(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
    const value = Number(number || Number.NaN) * bytesIn[unit as keyof typeof bytesIn];
    if (value >= minimum && value <= maximum) return value;
    return this.problem(name, 'not-a-size', `is ${quote(text)}`, `give ${minimum} to ${maximum} bytes, such as 8388608 or 8MiB`, fallback);
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === null) return fallback;
    const found = values.find((value) => value === text);
    return found ?? this.problem(name, 'not-a-choice', `is ${quote(text)}`, `give one of ${values.join(', ')}`, fallback);
  }

  list(name: string): string[] {
    const text = this.text(name) ?? '';
    return text.split(',').flatMap((part) => part.trim() || []);
  }

  /** An absolute URL without credentials in it; never repeated in a message, because people put credentials in it. */
  url(name: string, protocols: readonly string[]): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const repair = `give ${protocols.map((protocol) => `${protocol}//host`).join(' or ')}`;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (!url || !protocols.includes(url.protocol)) return this.problem(name, 'not-a-url', 'is not such a URL', repair, null);
    if (url.username || url.password) {
      const instead = 'leave user and password out of it and use the variables that exist for them';
      return this.problem(name, 'secret-in-url', 'carries credentials', instead, null);
    }
    return text.replace(/\/+$/, '');
  }

  /** Where a secret is, never the secret: `env:NAME` or `file:/path`. */
  reference(name: string): string | null {
    const text = this.text(name);
    if (text === null || /^(env:[A-Za-z_]\w*|file:\/.+)$/.test(text)) return text;
    return this.problem(name, 'secret-by-value', 'is not a reference', 'give env:NAME or file:/path, not the secret itself', null);
  }

  problem<T>(name: string, code: string, what: string, repair: string, answer: T): T {
    this.issues.push({ code, severity: 'error', message: `${name} ${what}`, repair, path: name, line: 0, column: 0 });
    return answer;
  }
}

/** Shows a value on one line, whatever is in it. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
