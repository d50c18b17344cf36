import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '../config/index.js';
import { InvalidConfigError, StoreUnavailableError } from '../domain/index.js';
import { exitCodeOf, reasonOf, welcome, withFlags } from './serve.command.js';

describe('assay serve', () => {
  it('lets flags win over variables', () => {
    const variables = withFlags({ ASSAY_PORT: '1', ASSAY_STORE: 'a' }, { port: '2', prometheus: 'http://p' }, false);
    expect(variables).toEqual({ ASSAY_PORT: '2', ASSAY_STORE: 'a', ASSAY_PROMETHEUS_URL: 'http://p' });
  });

  it('is quiet at a terminal unless somebody wants to hear more', () => {
    expect(withFlags({}, {}, true)).toEqual({ ASSAY_LOG_LEVEL: 'warn' });
    expect(withFlags({ ASSAY_LOG_LEVEL: 'debug' }, {}, true)).toEqual({ ASSAY_LOG_LEVEL: 'debug' });
  });

  it('tells a person where everything is, without secrets', () => {
    const settings = loadSettings({ DATABASE_URL: 'postgres://assay:hunter2-canary@db/assay', ASSAY_ROLES: 'api' });
    const text = welcome(
      { urls: { api: 'http://127.0.0.1:8080', otlp: null, otlpGrpc: null, metrics: 'http://127.0.0.1:9464/metrics' } },
      settings,
    );
    expect(text).toContain('http://127.0.0.1:8080/docs');
    expect(text).toContain('not received by this process');
    expect(text).toContain('PostgreSQL (DATABASE_URL)');
    expect(text).not.toContain('hunter2');
  });

  it.each([
    [new InvalidConfigError('ASSAY_PORT: taken'), 78, 'ASSAY_PORT: taken'],
    [new StoreUnavailableError('no answer'), 69, 'no answer'],
    [new RangeError('impossible'), 70, 'RangeError: impossible'],
  ])('ends with its own code: %p', (error, code, reason) => {
    expect(exitCodeOf(error)).toBe(code);
    expect(reasonOf(error)).toContain(reason);
  });
});
