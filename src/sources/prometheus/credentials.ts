import { readFile } from 'node:fs/promises';
import type { PrometheusSettings } from '../../config/index.js';
import { SourceUnavailableError } from '../../domain/index.js';

/**
 * Headers that prove who asks. Secrets are read anew for every request, so that a rotated one is picked up.
 *
 * @throws {SourceUnavailableError} a reference leads nowhere; names the reference, never a value
 */
export async function authorization(settings: PrometheusSettings): Promise<Record<string, string>> {
  const { bearerTokenRef, basicAuth } = settings;
  if (bearerTokenRef !== null) return { Authorization: `Bearer ${await secret(bearerTokenRef)}` };
  if (basicAuth === null) return {};
  const pair = `${basicAuth.username}:${await secret(basicAuth.passwordRef)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function secret(reference: string): Promise<string> {
  const value = reference.startsWith('file:') ? await contents(reference.slice(5)) : process.env[reference.slice('env:'.length)];
  const trimmed = value?.trim() ?? '';
  // A line break would end the header; the HTTP library would then quote the secret in its error.
  if (trimmed === '' || /[^\x20-\x7e]/.test(trimmed)) {
    throw new SourceUnavailableError(`the Prometheus secret ${reference} is missing, empty or not one line of plain text`);
  }
  return trimmed;
}

async function contents(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
