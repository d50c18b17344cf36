import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { newToken, type Scope, scopes } from '../config/index.js';

/** `assay token new`: makes a token, shows it once, and gives the line that lets it in. Nothing is kept. */
export function addTokenCommands(program: Command): void {
  const token = program.command('token').description('tokens for the API');
  token
    .command('new')
    .description('make a token and the line for ASSAY_TOKENS_FILE')
    .requiredOption('--name <name>', 'who it is for: lower-case letters, digits, dashes')
    .addOption(new Option('--scope <scopes>', `${scopes.join(', ')}; comma-separated`).argParser(scopesOf).makeOptionMandatory())
    .option('--json', 'print one JSON object')
    .action(({ name, scope, json }: { name: string; scope: readonly Scope[]; json?: boolean }) => {
      const made = makeToken(name, scope);
      if (json) process.stdout.write(`${JSON.stringify(made)}\n`);
      else process.stdout.write(tokenInWords(made));
    });
}

/** What a person reads: the token is shown here and nowhere else. */
export const tokenInWords = ({ token, line }: ReturnType<typeof newToken>): string =>
  `token, shown only this once:\n\n  ${token}\n\nline for the file that ASSAY_TOKENS_FILE names:\n\n  ${line}\n`;

function makeToken(name: string, granted: readonly Scope[]): ReturnType<typeof newToken> {
  try {
    return newToken(name, granted, randomBytes(32));
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'this name is not possible');
  }
}

function scopesOf(text: string): Scope[] {
  const named = text.split(',').map((scope) => scope.trim());
  const known = scopes.filter((scope) => named.includes(scope));
  if (known.length !== named.length) throw new InvalidArgumentError(`give some of ${scopes.join(', ')}`);
  return known;
}
