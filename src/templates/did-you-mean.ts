/**
 * The word the author most likely meant, or null when none is close.
 *
 * Case, `-` and `_` do not count: `min_duration` means `minDuration`. Otherwise at most a third of the letters may differ.
 */
export function didYouMean(word: string, known: readonly string[]): string | null {
  if (word.length > 64) return null;
  const plain = plainForm(word);
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain, plainForm(candidate));
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** ` Did you mean …?` as the end of a repair, or the list of what is known. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = didYouMean(word, known);
  return meant === null ? `use one of: ${known.join(', ')}` : `did you mean '${meant}'?`;
}

const plainForm = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, '');

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
