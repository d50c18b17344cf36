import { type PrometheusSettings, readSecret } from '../../config/index.js';
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
  const value = await readSecret(reference);
  // A line break would end the header; the HTTP library would then quote the secret in its error.
  if (value === null || /[^\x20-\x7e]/.test(value)) {
    throw new SourceUnavailableError(`the Prometheus secret ${reference} is missing, empty or not one line of plain text`);
  }
  return value;
}
