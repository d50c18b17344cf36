import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from '@platformatic/kafka';
import { type KafkaSettings, readSecret } from '../../config/index.js';
import { InvalidConfigError } from '../../domain/index.js';

/** How to connect to the brokers. Secrets are read now, and passwords anew with each connection. */
export async function connectionOptions({ tls, sasl }: Pick<KafkaSettings, 'tls' | 'sasl'>): Promise<ConnectionOptions> {
  return {
    connectTimeout: 5_000,
    requestTimeout: 20_000,
    ...(tls ? { tls: await tlsOptions(tls) } : {}),
    ...(sasl
      ? {
          sasl: {
            mechanism: sasl.mechanism,
            username: sasl.username,
            password: () => secretAt(sasl.passwordRef),
          },
        }
      : {}),
  };
}

async function tlsOptions({ caFile, certFile, keyRef }: NonNullable<KafkaSettings['tls']>): Promise<NonNullable<ConnectionOptions['tls']>> {
  return {
    ...(caFile ? { ca: await fileAt(caFile) } : {}),
    ...(certFile ? { cert: await fileAt(certFile) } : {}),
    ...(keyRef ? { key: await secretAt(keyRef) } : {}),
  };
}

async function secretAt(reference: string): Promise<string> {
  const secret = await readSecret(reference);
  if (secret === null) throw new InvalidConfigError(`${reference} is missing or empty: the brokers cannot be asked`);
  return secret;
}

async function fileAt(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new InvalidConfigError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause });
  });
}
