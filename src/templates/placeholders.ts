/** `${name}`, or `$${` for a literal `${`. Names are short, so that no text makes this slow. */
const placeholder = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_-]{0,62})\}/g;

/** The arguments that a text names, in order. */
export const argumentsIn = (text: string): string[] => [...text.matchAll(placeholder)].flatMap(([, name]) => name ?? []);

/** What is left of `${` once every proper placeholder is taken out: the start of a broken one, or null. */
export function brokenPlaceholder(text: string): string | null {
  const rest = text.replace(placeholder, '');
  const at = rest.indexOf('${');
  return at < 0 ? null : rest.slice(at, at + 20);
}

/** `{{args.service}}` of other tools, or null. */
export const foreignPlaceholder = (text: string): string | null => /\{\{\s{0,5}[\w.-]{1,80}\s{0,5}\}\}/.exec(text)?.[0] ?? null;

/** The text with every placeholder replaced, and `$${` turned into `${`. What is put in is not looked at again. */
export const fill = (text: string, valueFor: (argument: string) => string): string =>
  text.replace(placeholder, (_, name?: string) => (name === undefined ? '${' : valueFor(name)));

/** The argument that the whole text stands for: `${limit}`; null where there is more or less than that. */
export const soleArgument = (text: string): string | null => /^\$\{([A-Za-z_][A-Za-z0-9_-]{0,62})\}$/.exec(text.trim())?.[1] ?? null;
