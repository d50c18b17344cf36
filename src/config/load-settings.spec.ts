import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { InvalidConfigError } from '../domain/index.js';
import { loadSettings } from './load-settings.js';
import { newToken } from './tokens.js';
import { variables } from './variables.js';

const directory = temporaryFolder('config');
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const goodTokens = fileOf('tokens', `# ci\n${newToken('ci', ['deployer'], new Uint8Array(32)).line}\n`);

function problemsOf(environment: Record<string, string>): string {
  try {
    loadSettings(environment);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('settings without any variable', () => {
  const settings = loadSettings({});

  it('listen on loopback, keep everything embedded and do everything in one process', () => {
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      roles: ['api', 'ingest', 'engine', 'delivery'],
      metricsPort: 9464,
      databaseUrl: null,
      prometheus: null,
      tokensFile: null,
      logLevel: 'info',
      otlp: { host: '127.0.0.1', port: 4318, grpcPort: 4317, maxBodyBytes: 8_388_608, maxAgeSeconds: 3600, maxFutureSeconds: 300 },
    });
  });

  it('find the templates that come with Assay, whatever folder one stands in', () => {
    expect(settings.templatesDirectory).toMatch(/\/analysis-templates$/);
  });
});

describe('settings from variables', () => {
  it('understand units', () => {
    const { otlp } = loadSettings({ ASSAY_OTLP_MAX_AGE: '90d', ASSAY_OTLP_MAX_FUTURE: '1.5h', ASSAY_OTLP_MAX_BODY_BYTES: '2MiB' });
    expect(otlp).toMatchObject({ maxAgeSeconds: 7_776_000, maxFutureSeconds: 5400, maxBodyBytes: 2_097_152 });
  });

  it('describe a Prometheus with secrets by reference only', () => {
    const { prometheus } = loadSettings({
      ASSAY_PROMETHEUS_URL: 'https://mimir.example/prometheus/',
      ASSAY_PROMETHEUS_TOKEN: 'env:MIMIR_TOKEN',
      ASSAY_PROMETHEUS_HEADERS: 'X-Scope-OrgID=shop, X-Team=a=b',
      ASSAY_PROMETHEUS_TIMEOUT: '2500ms',
    });
    expect(prometheus).toEqual({
      url: 'https://mimir.example/prometheus',
      headers: { 'X-Scope-OrgID': 'shop', 'X-Team': 'a=b' },
      bearerTokenRef: 'env:MIMIR_TOKEN',
      basicAuth: null,
      timeoutMs: 2500,
      scrapeIntervalSeconds: 15,
    });
  });

  it('may leave loopback when there are tokens', () => {
    expect(loadSettings({ ASSAY_HOST: '0.0.0.0', ASSAY_TOKENS_FILE: goodTokens })).toMatchObject({
      host: '0.0.0.0',
      tokensFile: goodTokens,
    });
  });

  it('may have an OTLP address off loopback that nobody listens on', () => {
    expect(loadSettings({ ASSAY_OTLP_HOST: '0.0.0.0', ASSAY_ROLES: 'api' }).roles).toEqual(['api']);
  });

  it.each([
    { ASSAY_METRICS_PORT: 'off', expected: null },
    { ASSAY_METRICS_PORT: '0', expected: 0 },
  ])('serve metrics on $ASSAY_METRICS_PORT', ({ ASSAY_METRICS_PORT, expected }) => {
    expect(loadSettings({ ASSAY_METRICS_PORT }).metricsPort).toBe(expected);
  });

  it('ignore the variables of other commands and of the test suite', () => {
    const harness = { ASSAY_URL: 'x', ASSAY_TOKEN: 'x', ASSAY_REQUIRE_SERVERS: '1', ASSAY_TEST_POSTGRES: 'x', ASSAY_UPDATE_GOLDEN: '1' };
    expect(problemsOf(harness)).toBe('accepted');
  });

  it('let people name their secrets, for references in variables and in endpoints', () => {
    const secrets = {
      ASSAY_WEBHOOK_SECRET: 'x',
      ASSAY_SECRET_SLACK: 'x',
      ASSAY_PROMETHEUS_URL: 'http://p',
      ASSAY_PROMETHEUS_TOKEN: 'env:ASSAY_MIMIR',
      ASSAY_MIMIR: 'x',
    };
    expect(problemsOf(secrets)).toBe('accepted');
    expect(problemsOf({ ASSAY_MIMIR: 'x' })).toContain('ASSAY_MIMIR is not known');
  });

  it('take an empty variable as not set', () => {
    expect(loadSettings({ ASSAY_PORT: '', DATABASE_URL: ' ' })).toMatchObject({ port: 8080, databaseUrl: null });
  });
});

describe('settings that would start wrong', () => {
  it.each<[string, Record<string, string>]>([
    ['ASSAY_PORT is "eighty"', { ASSAY_PORT: 'eighty' }],
    ['ASSAY_PORT is "65536"', { ASSAY_PORT: '65536' }],
    ['ASSAY_PORT is "-1"', { ASSAY_PORT: '-1' }],
    ['ASSAY_PORT is "8080.5"', { ASSAY_PORT: '8080.5' }],
    ['ASSAY_PORT is "0x50"', { ASSAY_PORT: '0x50' }],
    ['ASSAY_OTLP_PORT is "otlp"', { ASSAY_OTLP_PORT: 'otlp' }],
    ['ASSAY_METRICS_PORT is "none"', { ASSAY_METRICS_PORT: 'none' }],
    ['ASSAY_PUBLIC_URL is not such a URL', { ASSAY_PUBLIC_URL: 'assay.example' }],
    ['ASSAY_PUBLIC_URL is not such a URL', { ASSAY_PUBLIC_URL: 'ftp://assay.example' }],
    ['ASSAY_ROLES names "engin"', { ASSAY_ROLES: 'api,engin' }],
    ['ASSAY_OTLP_GRPC_PORT is "none"', { ASSAY_OTLP_GRPC_PORT: 'none' }],
    ['ASSAY_OTLP_GRPC_PORT is the port of ASSAY_OTLP_PORT', { ASSAY_OTLP_GRPC_PORT: '4318' }],
    ['ASSAY_OTLP_THREADS is "65"', { ASSAY_OTLP_THREADS: '65' }],
    ['ASSAY_OTLP_MAX_BODY_BYTES is "8MB"', { ASSAY_OTLP_MAX_BODY_BYTES: '8MB' }],
    ['ASSAY_OTLP_MAX_DECODED_BYTES is "1GiB"', { ASSAY_OTLP_MAX_DECODED_BYTES: '1GiB' }],
    ['ASSAY_OTLP_MAX_BYTES_IN_FLIGHT is less than one body', { ASSAY_OTLP_MAX_BYTES_IN_FLIGHT: '1MiB' }],
    ['ASSAY_OTLP_MAX_AGE is "1 hour"', { ASSAY_OTLP_MAX_AGE: '1 hour' }],
    ['ASSAY_OTLP_MAX_AGE is "3600"', { ASSAY_OTLP_MAX_AGE: '3600' }],
    ['ASSAY_OTLP_MAX_FUTURE is "-5m"', { ASSAY_OTLP_MAX_FUTURE: '-5m' }],
    ['ASSAY_OTLP_MAX_SERIES is "1e9"', { ASSAY_OTLP_MAX_SERIES: '1e9' }],
    ['DATABASE_URL is not a PostgreSQL URL', { DATABASE_URL: 'mysql://root@db/assay' }],
    ['ASSAY_PROMETHEUS_URL is not such a URL', { ASSAY_PROMETHEUS_URL: 'prometheus:9090' }],
    ['ASSAY_PROMETHEUS_URL carries credentials', { ASSAY_PROMETHEUS_URL: 'http://me:pw@prometheus:9090' }],
    ['ASSAY_PROMETHEUS_TOKEN is not a reference', { ASSAY_PROMETHEUS_URL: 'http://p', ASSAY_PROMETHEUS_TOKEN: 'glsa_secret' }],
    ['ASSAY_PROMETHEUS_TOKEN is set but', { ASSAY_PROMETHEUS_TOKEN: 'env:X' }],
    ['belong together', { ASSAY_PROMETHEUS_URL: 'http://p', ASSAY_PROMETHEUS_USERNAME: 'me' }],
    [
      'exclude each other',
      {
        ASSAY_PROMETHEUS_URL: 'http://p',
        ASSAY_PROMETHEUS_USERNAME: 'me',
        ASSAY_PROMETHEUS_PASSWORD: 'env:P',
        ASSAY_PROMETHEUS_TOKEN: 'env:T',
      },
    ],
    ['carries Authorization', { ASSAY_PROMETHEUS_URL: 'http://p', ASSAY_PROMETHEUS_HEADERS: 'authorization=Bearer x' }],
    ['not a list of headers', { ASSAY_PROMETHEUS_URL: 'http://p', ASSAY_PROMETHEUS_HEADERS: 'X-Scope-OrgID' }],
    ['ASSAY_PROMETHEUS_TIMEOUT is "1h"', { ASSAY_PROMETHEUS_URL: 'http://p', ASSAY_PROMETHEUS_TIMEOUT: '1h' }],
    ['ASSAY_TEMPLATES is "/nonexistent", which is no folder', { ASSAY_TEMPLATES: '/nonexistent' }],
    ['ASSAY_TOKENS_FILE cannot be read (ENOENT)', { ASSAY_TOKENS_FILE: join(directory, 'none') }],
    ['line 2 is not', { ASSAY_TOKENS_FILE: fileOf('typo', `# tokens\nci deploy sha256:${'0'.repeat(64)}\n`) }],
    ['nobody could come in', { ASSAY_TOKENS_FILE: fileOf('empty', '# none yet\n') }],
    ['ASSAY_EGRESS_ALLOW names "10.0.0.0"', { ASSAY_EGRESS_ALLOW: '10.0.0.0,fd00::/8' }],
    ['ASSAY_LOG_LEVEL is "verbose"', { ASSAY_LOG_LEVEL: 'verbose' }],
    ['ASSAY_HOST is "0.0.0.0" and there are no tokens', { ASSAY_HOST: '0.0.0.0' }],
    ['ASSAY_HOST is "assay.internal" and there are no tokens', { ASSAY_HOST: 'assay.internal' }],
    ['ASSAY_OTLP_HOST is "::" and there are no tokens', { ASSAY_OTLP_HOST: '::' }],
    ['did you mean ASSAY_PORT?', { ASSAY_PROT: '80' }],
    ['did you mean ASSAY_PROMETHEUS_URL?', { ASSAY_PROMETHUES_URL: 'http://p' }],
    ['ASSAY_FRIENDLINESS is not known', { ASSAY_FRIENDLINESS: '11' }],
  ])('are refused: %s', (message, environment) => {
    const problems = problemsOf(environment);
    expect(problems).toContain(message);
    expect(problems).not.toContain('\n');
  });

  it('are all named at once', () => {
    const problems = problemsOf({ ASSAY_PORT: 'x', ASSAY_LOG_LEVEL: 'x', ASSAY_PROT: '1', ASSAY_HOST: '::' });
    expect(problems.split('; ')).toHaveLength(4);
  });

  it('never repeat what may be a secret', () => {
    const secret = 'hunter2-canary';
    const problems = problemsOf({
      DATABASE_URL: `postgre://assay:${secret}@db/assay`,
      ASSAY_PROMETHEUS_URL: `http://me:${secret}@p`,
      ASSAY_PROMETHEUS_TOKEN: secret,
      ASSAY_PROMETHEUS_PASSWORD: secret,
      ASSAY_PROMETHEUS_HEADERS: secret,
      ASSAY_TOKENS_FILE: fileOf('leak', secret),
    });
    expect(problems.split('; ').length).toBeGreaterThanOrEqual(6);
    expect(problems).not.toContain(secret);
  });
});

describe('docs/configuration.md', () => {
  it('lists every variable with its default, in this order', () => {
    const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$/gm)].map(([, name, fallback, about]) => ({
      name,
      fallback,
      about,
    }));
    const expected = variables.map(({ name, default: value, about }) => ({ name, fallback: value === null ? '' : `\`${value}\``, about }));
    expect(rows).toEqual(
      expected.map((row) =>
        row.name === 'ASSAY_OTLP_THREADS' || row.name === 'ASSAY_TEMPLATES' ? { ...row, fallback: row.fallback.slice(1, -1) } : row,
      ),
    );
  });
});
