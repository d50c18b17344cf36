/** What stands where a secret was. */
export const redacted = '[redacted]';

const patterns: readonly [RegExp, string][] = [
  [/\bassay_[a-z0-9-]{1,40}_[A-Za-z0-9_-]{43}/g, redacted],
  [/\bwhsec_[A-Za-z0-9+/=]{8,}/g, redacted],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${redacted}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi, `$1${redacted}@`],
  [/(https:\/\/hooks\.slack\.com\/)[A-Za-z0-9/_-]+/gi, `$1${redacted}`],
];

/** Characters that turn the reading direction or end a line in some viewers although JSON allows them. */
const misleading = /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * A line of JSON as it may leave the process: without the secrets that are known by value, without what looks like one,
 * and without characters that make a reader see another text.
 */
export function redact(line: string, secrets: readonly string[]): string {
  let clean = line;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, redacted).replaceAll(JSON.stringify(secret).slice(1, -1), redacted);
  }
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  return clean.replace(misleading, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
