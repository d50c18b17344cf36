import { readFile } from 'node:fs/promises';
import { DeliveryError } from '../domain/index.js';

/** `env:NAME` or `file:/path`: where a secret is, never the secret. */
export const isSecretReference = (text: string): boolean => /^(?:env:[A-Za-z_]\w{0,199}|file:\/[^\0]{1,1000})$/.test(text);

/**
 * The secret itself, read anew each time so that a rotated one is used at once.
 *
 * @throws {DeliveryError} it is not there; names the reference, never a value
 */
export async function readSecret(reference: string): Promise<string> {
  const value = reference.startsWith('file:')
    ? await contents(reference.slice('file:'.length))
    : process.env[reference.slice('env:'.length)];
  const secret = value?.trim() ?? '';
  if (secret === '') throw new DeliveryError(`the secret ${reference} is missing or empty`, { retryable: true });
  return secret;
}

async function contents(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
