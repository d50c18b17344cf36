import { describe, expect, it } from '@jest/globals';
import { InvalidConfigError } from '../domain/index.js';
import { createLog, NestLog } from './log.js';

function logging(secrets: readonly string[] = []) {
  const lines: string[] = [];
  return { lines, log: createLog('debug', secrets, { write: (line: string) => void lines.push(line) }) };
}

describe('the log', () => {
  it.each(['first\n{"level":"info","msg":"forged"}', '\u001b[31mred', 'right\u202eto left', 'para\u2029graph', 'nul\u0000', '\r\n\r\n'])(
    'keeps %j on one line that parses and shows what is there',
    (text) => {
      const { lines, log } = logging();
      log.info({ label: text }, text);
      expect(lines).toHaveLength(1);
      expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: text, label: text });
    },
  );

  it.each([
    'hunter2-canary',
    'postgres://assay:hunter2-canary@db/assay',
    'http://me:other-password@prometheus:9090/x',
    `Authorization: Bearer ${'a1'.repeat(20)}`,
    `assay_ci_${'k'.repeat(43)}`,
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'https://hooks.slack.com/services/T0/B0/SECRETSECRET',
  ])('does not show the secret in %j, wherever it stands', (text) => {
    const { lines, log } = logging(['hunter2-canary', 'quo"ted-secret']);
    log.error({ err: new Error(text, { cause: new Error(text) }), deep: { er: [{ x: text }] } }, `failed: ${text}`);
    const all = lines.join('');
    for (const secret of ['hunter2', 'other-password', 'a1a1', 'kkkk', 'MfKQ9', 'SECRETSECRET']) expect(all).not.toContain(secret);
    expect(() => JSON.parse(all)).not.toThrow();
  });

  it('does not show a secret that JSON writes differently', () => {
    const { lines, log } = logging(['quo"ted-secret']);
    log.info('it is quo"ted-secret');
    expect(lines[0]).not.toContain('ted-secret');
  });

  it('has no headers in it', () => {
    const { lines, log } = logging();
    log.info({ req: { method: 'GET', headers: { authorization: 'x', cookie: 'y' } } }, 'asked');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ req: { method: 'GET' } });
    expect(lines[0]).not.toContain('cookie');
  });

  it('takes what Nest says', () => {
    const { lines, log } = logging();
    const nest = new NestLog(log);
    nest.log('started', 'TemplateCatalog');
    nest.log('Mapped {/v1/runs, GET} route', 'RouterExplorer');
    nest.error('it broke', 'Error: at x', 'Worker');
    nest.error(new Error('plain'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'info', msg: 'started', context: 'TemplateCatalog' },
      { level: 'debug', context: 'RouterExplorer' },
      { level: 'error', msg: 'it broke', context: 'Worker', stack: 'Error: at x' },
      { level: 'error', msg: 'plain', err: { message: 'plain' } },
    ]);
  });

  it('leaves what a person can repair at a start to whoever says it in one line', () => {
    const { lines, log } = logging();
    const nest = new NestLog(log);
    nest.error(new InvalidConfigError('the store is locked'), 'ExceptionHandler');
    nest.error(new RangeError('a bug'), 'ExceptionHandler');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['debug', 'error']);
  });
});
