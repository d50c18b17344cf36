/** A text from outside on one line, cut to so many characters: control and direction characters become spaces, lone surrogates U+FFFD. */
export function oneLineOf(text: string, limit: number): string {
  const characters = Array.from(
    text
      .toWellFormed()
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
      .trim(),
  );
  return characters.length <= limit ? characters.join('') : `${characters.slice(0, limit - 1).join('')}…`;
}

/** `ROLLBACK checkout 1.5.0`: what happened to what, in a few words. */
export function headlineOf({ decision, code, service, template, canary, final, undelivered }: Headline, limit: number): string {
  if (undelivered)
    return oneLineOf(`NOT TOLD ${undelivered.channel}: ${headlineOf({ decision, code, service, template, canary, final }, limit)}`, limit);
  const word = code === 'cancelled' ? 'CANCELLED' : decision === null ? 'WATCHING' : decision.toUpperCase();
  const ended = final || decision === null || code === 'cancelled' ? '' : ' so far';
  return oneLineOf(`${word}${ended} ${service ?? template.split('@')[0]} ${canary}`, limit);
}

/** What the reader should know of the data behind the numbers, each thing once: late data, overflow, few pods. */
export const warningsOf = (metrics: readonly { readonly warnings: readonly string[] }[], most: number): string[] =>
  [...new Set(metrics.flatMap(({ warnings }) => warnings))].slice(0, most);

interface Headline {
  readonly decision: 'promote' | 'hold' | 'rollback' | null;
  readonly code: string | null;
  readonly service: string | null;
  readonly template: string;
  readonly canary: string;
  readonly final: boolean;
  readonly undelivered?: { readonly channel: string } | null;
}

/** An address that may be linked to. */
export const isLink = (url: string): boolean => /^https?:\/\/\S+$/.test(url) && url.length <= 2_000;
