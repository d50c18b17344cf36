const shown = '…';

/** So much of a secret's beginning, at the end of a text that was cut, is taken out as well. */
const leastOfSecret = 4;

/** A text from outside with every one of these secrets taken out: receivers may repeat what they were sent, and the log is for viewers. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURI(secret.toWellFormed())]);
  const known = [...new Set(forms)].filter((form) => form.length >= leastOfSecret).sort((a, b) => b.length - a.length);
  return known.reduce((sofar, secret) => withoutCutOff(sofar.replaceAll(secret, shown), secret), text);
}

function withoutCutOff(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= leastOfSecret; length -= 1)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${shown}`;
  return text;
}

/** What may not be shown of an address that is a secret: all of it, and what a receiver sees of it. */
export function partsOfAddress(address: string): string[] {
  const url = URL.parse(address);
  return url ? [address, `${url.pathname}${url.search}`, url.pathname] : [address];
}
