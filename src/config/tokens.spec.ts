import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { TokenFile } from './token-file.js';
import { allows, findToken, newToken, parseTokens, scopes } from './tokens.js';

const zero = new Uint8Array(32);

describe('a token', () => {
  it('is 256 random bits behind a name that secret scanners can find', () => {
    const { token, line } = newToken('ci', ['deployer', 'ingest'], zero);
    expect(token).toBe(`assay_ci_${'A'.repeat(43)}`);
    expect(line).toMatch(/^ci deployer,ingest sha256:[0-9a-f]{64}$/);
    expect(line).not.toContain('AAAA');
  });

  it('is found by its digest', () => {
    const [mine, other] = [newToken('mine', ['viewer'], randomBytes(32)), newToken('other', ['admin'], randomBytes(32))];
    const entries = parseTokens(`${other.line}\n${mine.line}\n`);
    expect(findToken(entries, mine.token)).toMatchObject({ name: 'mine', scopes: ['viewer'] });
  });

  it.each(['', 'assay', 'assay_ci_short', `assay_ci_${'A'.repeat(44)}`, `Bearer assay_ci_${'A'.repeat(43)}`, `assay_ci_${'B'.repeat(43)}`])(
    'is nobody: %j',
    (token) => {
      expect(findToken(parseTokens(newToken('ci', ['admin'], zero).line), token)).toBeNull();
    },
  );

  it.each(['', 'CI', 'a b', 'a_b', '-a', 'ü', 'a'.repeat(41)])('cannot be called %j', (name) => {
    expect(() => newToken(name, ['viewer'], zero)).toThrow(RangeError);
  });

  it('refuses less than 256 bits', () => {
    expect(() => newToken('ci', ['viewer'], new Uint8Array(16))).toThrow(RangeError);
  });
});

describe('scopes', () => {
  it.each([
    ['viewer', ['viewer']],
    ['deployer', ['viewer', 'deployer']],
    ['author', ['viewer', 'author']],
    ['ingest', ['ingest']],
    ['admin', scopes],
  ] as const)('%s may do what %j may', (granted, expected) => {
    expect(scopes.filter((needed) => allows([granted], needed))).toEqual([...expected]);
  });

  it('nobody may do anything without one', () => {
    expect(scopes.filter((needed) => allows([], needed))).toEqual([]);
  });
});

describe('the tokens file', () => {
  const folder = temporaryFolder('tokens');

  it('forgets a withdrawn token within seconds and keeps the last good version of a broken file', async () => {
    const path = join(folder, 'tokens');
    const [first, second] = [newToken('first', ['viewer'], randomBytes(32)), newToken('second', ['viewer'], randomBytes(32))];
    const problems: string[] = [];
    writeFileSync(path, first.line);
    const file = new TokenFile(path, (problem) => problems.push(problem), 0);
    expect([file.find(first.token)?.name, file.find(second.token)?.name]).toEqual(['first', undefined]);

    await sleep(10);
    writeFileSync(path, `${second.line}\n`);
    expect([file.find(first.token)?.name, file.find(second.token)?.name]).toEqual([undefined, 'second']);

    await sleep(10);
    writeFileSync(path, 'half a line');
    expect(file.find(second.token)?.name).toBe('second');
    rmSync(path);
    expect(file.find(second.token)?.name).toBe('second');
    expect(problems[0]).toContain('line 1 is not');
    expect(problems.join()).not.toContain('half a line');
  });
});
