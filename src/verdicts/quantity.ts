import type { Evidence } from '../domain/index.js';

/** A value with its unit as people write it: `1.9 %`, `512 ms`, `3.2 s`, `17 By`. */
export function quantity(value: number | null, unit: string): string {
  if (value === null || !Number.isFinite(value)) return 'no value';
  if (unit === 'ratio') return `${trimmed(100 * value)} %`;
  if (unit === 's') return Math.abs(value) < 1 ? `${trimmed(1000 * value)} ms` : `${trimmed(value)} s`;
  return unit ? `${trimmed(value)} ${unit}` : trimmed(value);
}

/** The distance of two values: that of two shares is told in percentage points. */
export const difference = (value: number, unit: string): string =>
  unit === 'ratio' ? `${trimmed(100 * value)} pp` : quantity(value, unit);

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** An effect is kept so that positive is worse; people read it as it was measured: a fall is negative. */
export function asMeasured({
  effect: { low, high },
  effectKind,
  direction,
}: Pick<Evidence, 'effect' | 'effectKind' | 'direction'>): Interval {
  return direction === 'decrease' && effectKind !== 'level' ? { low: -high, high: -low } : { low, high };
}

/** `95 s`, `1 min 45 s`, `14 min`, `2 h 5 min` */
export function inSeconds(seconds: number): string {
  if (seconds < 100) return `${trimmed(seconds)} s`;
  const rest = Math.round(seconds) % 60;
  return seconds < 600 && rest !== 0 ? `${Math.floor(seconds / 60)} min ${rest} s` : roughly(seconds);
}

/** A forecast does not know its seconds: `95 s`, `5 min`, `2 h 5 min` */
export function roughly(seconds: number): string {
  if (seconds < 100) return `${trimmed(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** At most three digits that matter, no exponent, no trailing zeros. */
export function trimmed(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const text = value.toFixed(decimals);
  return grouped(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

/** Digits in groups of three: `48 211`. */
export const grouped = (value: number | string): string => {
  const [whole = '', fraction] = String(value).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return fraction ? `${spaced}.${fraction}` : spaced;
};
