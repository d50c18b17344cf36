/**
 * A text from outside as Slack shows it: `&`, `<` and `>` are escaped, so that `<!channel>` and links stay text; control characters
 * become spaces; what is longer than `limit` (counted as Slack counts, after escaping) ends in `…`, never inside an escape.
 */
export function slackText(text: string, limit: number): string {
  const pieces = Array.from(text.toWellFormed(), escaped);
  if (pieces.reduce((length, piece) => length + piece.length, 0) <= limit) return pieces.join('');
  let cut = '';
  for (const piece of pieces) {
    if (cut.length + piece.length > limit - 1) break;
    cut += piece;
  }
  return `${cut}…`;
}

/** One line of it, for places that show no second one. */
export const slackLine = (text: string, limit: number): string => slackText(text.replace(/\s+/g, ' ').trim(), limit);

function escaped(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    default:
      return /[\p{Cc}\p{Cf}]/u.test(character) && character !== '\n' ? ' ' : character;
  }
}
