import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { findToken, parseTokens } from '../config/index.js';
import { addTokenCommands } from './token.command.js';

let printed = '';
const write = process.stdout.write;

beforeEach(() => {
  printed = '';
  process.stdout.write = ((text: string) => {
    printed += text;
    return true;
  }) as typeof write;
});
afterEach(() => {
  process.stdout.write = write;
});

async function assay(...args: string[]): Promise<void> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addTokenCommands(program);
  for (const command of program.commands)
    for (const sub of [command, ...command.commands]) sub.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['node', 'assay', 'token', 'new', ...args]);
}

describe('assay token new', () => {
  it('shows a token and the line that lets it in', async () => {
    await assay('--name', 'ci', '--scope', 'deployer,ingest');
    const token = /assay_ci_[\w-]{43}/.exec(printed)?.[0] ?? '';
    const line = /ci deployer,ingest sha256:[0-9a-f]{64}/.exec(printed)?.[0] ?? '';
    expect(findToken(parseTokens(line), token)).toMatchObject({ name: 'ci', scopes: ['deployer', 'ingest'] });
  });

  it('never makes the same one twice', async () => {
    await assay('--name', 'ci', '--scope', 'viewer', '--json');
    await assay('--name', 'ci', '--scope', 'viewer', '--json');
    const [first, second] = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { token: string });
    expect(first?.token).toMatch(/^assay_ci_/);
    expect(first?.token).not.toBe(second?.token);
  });

  it.each([
    ['--name', 'CI', '--scope', 'viewer'],
    ['--name', 'ci', '--scope', 'root'],
    ['--name', 'ci'],
    ['--scope', 'viewer'],
  ])('refuses %s %s %s %s', async (...args) => {
    await expect(assay(...args.filter((arg) => arg !== undefined))).rejects.toThrow();
    expect(printed).toBe('');
  });
});
