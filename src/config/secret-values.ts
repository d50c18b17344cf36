import { readFileSync } from 'node:fs';
import { type Environment } from './environment-reader.js';
import { type Settings } from './settings.js';

/** Every secret this process was given, so that logs can leave them out whatever they are wrapped in. */
export function secretValues(settings: Settings, environment: Environment): string[] {
  const { databaseUrl, prometheus, kafka } = settings;
  const references = [prometheus?.bearerTokenRef, prometheus?.basicAuth?.passwordRef, kafka?.sasl?.passwordRef];
  const found = [databaseUrl && passwordIn(databaseUrl), ...references.map((reference) => reference && resolved(reference, environment))];
  return found.filter((secret): secret is string => typeof secret === 'string' && secret.length >= 6);
}

function passwordIn(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { password } = new URL(url);
  return password === '' ? null : decodeURIComponent(password);
}

/** A reference that leads nowhere is reported by the source that uses it, not here. */
function resolved(reference: string, environment: Environment): string | null {
  if (reference.startsWith('env:')) return environment[reference.slice(4)]?.trim() ?? null;
  try {
    return readFileSync(reference.slice('file:'.length), 'utf8').trim();
  } catch {
    return null;
  }
}
