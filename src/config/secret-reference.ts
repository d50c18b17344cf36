import { readFile } from 'node:fs/promises';

/** `env:NAME` or `file:/path`: where a secret is, never the secret. */
export const isSecretReference = (text: string): boolean => /^(?:env:[A-Za-z_]\w{0,199}|file:\/[^\0]{1,1000})$/.test(text);

/**
 * The secret itself, without the white space around it, read anew each time so that a rotated one is used at once.
 *
 * @returns null: it is missing or empty; whoever needs it says so, and names the reference
 */
export async function readSecret(reference: string): Promise<string | null> {
  const value = reference.startsWith('file:')
    ? await contents(reference.slice('file:'.length))
    : process.env[reference.slice('env:'.length)];
  return value?.trim() || null;
}

async function contents(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
