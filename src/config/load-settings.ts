import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { InvalidConfigError } from '../domain/index.js';
import { closestName } from './closest-name.js';
import { type Environment, EnvironmentReader, quote } from './environment-reader.js';
import { kafkaOf } from './kafka-settings.js';
import { isLoopback } from './loopback.js';
import { type OtlpSettings, type ProcessRole, type PrometheusSettings, type RetentionSettings, type Settings } from './settings.js';
import { parseTokens } from './tokens.js';
import { unknownVariables, variables } from './variables.js';

const roles: readonly ProcessRole[] = ['api', 'ingest', 'engine', 'delivery'];
const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const anyPort = { minimum: 0, maximum: 65_535 };
export const shippedTemplates = fileURLToPath(new URL('../../analysis-templates', import.meta.url));

/**
 * The settings of one process, checked as a whole.
 *
 * @throws {InvalidConfigError} with every problem at once: better not to start than to start wrong
 */
export function loadSettings(environment: Environment): Settings {
  const read = new EnvironmentReader(environment);
  const host = read.text('ASSAY_HOST') ?? '127.0.0.1';
  const port = read.integer('ASSAY_PORT', 8080, anyPort);
  const store = read.text('ASSAY_STORE') ?? './data/store';
  const settings: Settings = {
    host,
    port,
    publicUrl: read.url('ASSAY_PUBLIC_URL', ['http:', 'https:']) ?? localUrl(host, port),
    roles: rolesOf(read),
    otlp: otlpOf(read),
    kafka: kafkaOf(read),
    metricsPort: portOrOff(read, 'ASSAY_METRICS_PORT', 9464),
    databaseUrl: databaseOf(read),
    storeDirectory: store === 'memory:' ? store : resolve(store),
    retention: retentionOf(read),
    templatesDirectory: templatesOf(read),
    prometheus: prometheusOf(read),
    tokensFile: tokensFileOf(read),
    egressAllow: egressOf(read),
    logLevel: read.oneOf('ASSAY_LOG_LEVEL', levels, 'info'),
  };
  refuseUnknown(read, environment);
  refuseOpenDoors(read, settings);
  if (read.issues.length > 0) {
    const problems = read.issues.map(({ message, repair }) => `${message}: ${repair}`);
    throw new InvalidConfigError(problems.join('; '), { issues: read.issues });
  }
  return settings;
}

/** Where a browser on this machine finds a server that listens on `host`. */
export function localUrl(host: string, port: number): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  return `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

function rolesOf(read: EnvironmentReader): readonly ProcessRole[] {
  const named = read.list('ASSAY_ROLES');
  const unknown = named.filter((name) => !roles.some((role) => role === name));
  if (unknown.length > 0) {
    read.problem('ASSAY_ROLES', 'not-a-choice', `names ${quote(unknown.join(','))}`, `give some of ${roles.join(',')}`, null);
  }
  return named.length === 0 ? roles : roles.filter((role) => named.includes(role));
}

const portOrOff = (read: EnvironmentReader, name: string, fallback: number): number | null =>
  read.text(name) === 'off' ? null : read.integer(name, fallback, anyPort);

function otlpOf(read: EnvironmentReader): OtlpSettings {
  const otlp = {
    host: read.text('ASSAY_OTLP_HOST') ?? '127.0.0.1',
    port: read.integer('ASSAY_OTLP_PORT', 4318, anyPort),
    grpcPort: portOrOff(read, 'ASSAY_OTLP_GRPC_PORT', 4317),
    threads: read.integer('ASSAY_OTLP_THREADS', Math.max(1, Math.min(4, availableParallelism() - 1)), { minimum: 0, maximum: 64 }),
    maxBodyBytes: read.bytes('ASSAY_OTLP_MAX_BODY_BYTES', 8 * 2 ** 20, { minimum: 2 ** 10, maximum: 64 * 2 ** 20 }),
    maxDecodedBytes: read.bytes('ASSAY_OTLP_MAX_DECODED_BYTES', 20 * 2 ** 20, { minimum: 2 ** 10, maximum: 64 * 2 ** 20 }),
    maxBytesInFlight: read.bytes('ASSAY_OTLP_MAX_BYTES_IN_FLIGHT', 64 * 2 ** 20, { minimum: 2 ** 10, maximum: 4 * 2 ** 30 }),
    maxConnections: read.integer('ASSAY_OTLP_MAX_CONNECTIONS', 1_024, { minimum: 1, maximum: 65_536 }),
    headerTimeoutSeconds: read.duration('ASSAY_OTLP_HEADER_TIMEOUT', 10, { minimum: 0.1, maximum: 600 }),
    requestTimeoutSeconds: read.duration('ASSAY_OTLP_REQUEST_TIMEOUT', 60, { minimum: 0.1, maximum: 3600 }),
    maxAgeSeconds: read.duration('ASSAY_OTLP_MAX_AGE', 3600, { minimum: 1, maximum: 3650 * 86_400 }),
    maxFutureSeconds: read.duration('ASSAY_OTLP_MAX_FUTURE', 300, { minimum: 0, maximum: 86_400 }),
    maxSeries: read.integer('ASSAY_OTLP_MAX_SERIES', 20_000, { minimum: 1, maximum: 1_000_000 }),
    maxCohortSeries: read.integer('ASSAY_OTLP_MAX_COHORT_SERIES', 1_000, { minimum: 1, maximum: 1_000_000 }),
    restartGraceSeconds: read.duration('ASSAY_OTLP_RESTART_GRACE', 10, { minimum: 0, maximum: 600 }),
  };
  if (otlp.maxBytesInFlight < otlp.maxBodyBytes) {
    const repair = 'give at least ASSAY_OTLP_MAX_BODY_BYTES, or no body would ever be accepted';
    read.problem('ASSAY_OTLP_MAX_BYTES_IN_FLIGHT', 'out-of-range', 'is less than one body', repair, null);
  }
  if (otlp.grpcPort === otlp.port && otlp.port !== 0) {
    read.problem('ASSAY_OTLP_GRPC_PORT', 'taken', 'is the port of ASSAY_OTLP_PORT', 'give another port, or off', null);
  }
  return otlp;
}

function databaseOf(read: EnvironmentReader): string | null {
  const text = read.text('DATABASE_URL');
  if (text === null || /^postgres(ql)?:\/\/.+/.test(text)) return text;
  return read.problem('DATABASE_URL', 'not-a-url', 'is not a PostgreSQL URL', 'give postgres://user:password@host:5432/database', null);
}

/** A day at least: a request is recognised for so long, and must then find its run. */
function retentionOf(read: EnvironmentReader): RetentionSettings {
  const [day, age] = [86_400, { minimum: 86_400, maximum: 3650 * 86_400 }];
  const count = { minimum: 100, maximum: 1_000_000_000 };
  return {
    runs: {
      maxAgeSeconds: read.duration('ASSAY_RETENTION_RUNS_AGE', 90 * day, age),
      maxCount: read.integer('ASSAY_RETENTION_RUNS_COUNT', 20_000, count),
    },
    windows: {
      maxAgeSeconds: read.duration('ASSAY_RETENTION_WINDOWS_AGE', 14 * day, age),
      maxCount: read.integer('ASSAY_RETENTION_WINDOWS_COUNT', 1_000_000, count),
    },
  };
}

function prometheusOf(read: EnvironmentReader): PrometheusSettings | null {
  const url = read.url('ASSAY_PROMETHEUS_URL', ['http:', 'https:']);
  const username = read.text('ASSAY_PROMETHEUS_USERNAME');
  const passwordRef = read.reference('ASSAY_PROMETHEUS_PASSWORD');
  const bearerTokenRef = read.reference('ASSAY_PROMETHEUS_TOKEN');
  const headers = headersOf(read);
  const timeoutSeconds = read.duration('ASSAY_PROMETHEUS_TIMEOUT', 10, { minimum: 0.1, maximum: 120 });
  const scrapeIntervalSeconds = read.duration('ASSAY_PROMETHEUS_SCRAPE_INTERVAL', 15, { minimum: 1, maximum: 3600 });
  if ((username === null) !== (read.text('ASSAY_PROMETHEUS_PASSWORD') === null)) {
    read.problem('ASSAY_PROMETHEUS_USERNAME', 'half-a-pair', 'and …_PASSWORD belong together', 'set both or neither', null);
  }
  if (username !== null && bearerTokenRef !== null) {
    read.problem('ASSAY_PROMETHEUS_TOKEN', 'two-credentials', 'and …_USERNAME exclude each other', 'set one of the two', null);
  }
  if (url === null) {
    const orphan = variables.find(({ name }) => name.startsWith('ASSAY_PROMETHEUS_') && name !== 'ASSAY_PROMETHEUS_URL' && read.text(name));
    if (orphan && read.text('ASSAY_PROMETHEUS_URL') === null) {
      read.problem(orphan.name, 'without-url', 'is set but ASSAY_PROMETHEUS_URL is not', 'set the URL, or remove it', null);
    }
    return null;
  }
  const basicAuth = username !== null && passwordRef !== null ? { username, passwordRef } : null;
  return { url, headers, bearerTokenRef, basicAuth, timeoutMs: Math.round(timeoutSeconds * 1000), scrapeIntervalSeconds };
}

function headersOf(read: EnvironmentReader): Readonly<Record<string, string>> {
  const name = 'ASSAY_PROMETHEUS_HEADERS';
  const pairs = read.list(name).map((pair) => /^([A-Za-z0-9-]+)\s*=\s*([\x21-\x7e][\x20-\x7e]*)$/.exec(pair));
  if (pairs.includes(null)) read.problem(name, 'not-headers', 'is not a list of headers', 'give Name=value,Name=value', null);
  const headers = Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
  if (Object.keys(headers).some((header) => header.toLowerCase() === 'authorization')) {
    read.problem(name, 'secret-by-value', 'carries Authorization', 'use ASSAY_PROMETHEUS_TOKEN with a reference', null);
  }
  return headers;
}

function templatesOf(read: EnvironmentReader): string {
  const directory = resolve(read.text('ASSAY_TEMPLATES') ?? shippedTemplates);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return directory;
  return read.problem(
    'ASSAY_TEMPLATES',
    'no-folder',
    `is ${quote(directory)}, which is no folder`,
    'name the folder that holds the templates',
    directory,
  );
}

function tokensFileOf(read: EnvironmentReader): string | null {
  const file = read.text('ASSAY_TOKENS_FILE');
  if (file === null) return null;
  try {
    parseTokens(readFileSync(file, 'utf8'));
  } catch (error) {
    const what = error instanceof InvalidConfigError ? `has a mistake: ${error.message}` : `cannot be read (${codeOf(error)})`;
    return read.problem('ASSAY_TOKENS_FILE', 'tokens-file', what, 'make lines with `assay token new`, readable by this user', file);
  }
  return resolve(file);
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

function egressOf(read: EnvironmentReader): string[] {
  const ranges = read.list('ASSAY_EGRESS_ALLOW');
  const wrong = ranges.filter((range) => !ipaddr.isValidCIDR(range));
  if (wrong.length > 0) {
    const repair = 'give ranges such as 10.0.0.0/8 or fd00::/8';
    read.problem('ASSAY_EGRESS_ALLOW', 'not-a-range', `names ${quote(wrong.join(','))}`, repair, null);
  }
  return ranges;
}

function refuseUnknown(read: EnvironmentReader, environment: Environment): void {
  const referenced = Object.values(environment).map((value) => /^env:(\w+)$/.exec(value ?? '')?.[1]);
  for (const name of unknownVariables(Object.keys(environment))) {
    if (referenced.includes(name)) continue;
    const meant = closestName(
      name,
      variables.map((known) => known.name),
    );
    read.problem(
      name,
      'unknown-variable',
      'is not known',
      meant ? `did you mean ${meant}?` : 'see docs/configuration.md; your own secrets need SECRET in the name, or no ASSAY_',
      null,
    );
  }
}

/** Off loopback anyone can ask, and a forged verdict ships a bad release: so not without tokens. */
function refuseOpenDoors(read: EnvironmentReader, { host, otlp, tokensFile, roles }: Settings): void {
  if (tokensFile !== null || read.text('ASSAY_TOKENS_FILE') !== null) return;
  const doors = [
    { name: 'ASSAY_HOST', address: host, open: true },
    { name: 'ASSAY_OTLP_HOST', address: otlp.host, open: roles.includes('ingest') },
  ];
  for (const { name, address, open } of doors) {
    if (!open || isLoopback(address)) continue;
    const repair = 'set ASSAY_TOKENS_FILE (make one with `assay token new`), or listen on 127.0.0.1';
    read.problem(name, 'open-to-the-world', `is ${quote(address)} and there are no tokens`, repair, null);
  }
}
