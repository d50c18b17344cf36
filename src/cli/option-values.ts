import { InvalidArgumentError } from 'commander';

/** `name=value` options that may be repeated, collected; a later one wins. */
export function addPair(text: string, earlier: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('give name=value');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

/** One side of a run: a value such as `1.4.2`, or `attribute=value[,attribute=value]`. */
export function side(text: string): string | Record<string, string> {
  if (!text.includes('=')) return text;
  return text.split(',').reduce<Record<string, string>>((pairs, pair) => addPair(pair, pairs), {});
}
