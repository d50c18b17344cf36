import { readFileSync, statSync } from 'node:fs';
import { findToken, parseTokens, type TokenEntry } from './tokens.js';

/**
 * The tokens that are let in, read again within 2 s of a change, so that a token can be withdrawn without a restart.
 *
 * A file that became unreadable or wrong lets nobody in that it did not let in before: the last good version counts.
 */
export class TokenFile {
  private entries: readonly TokenEntry[];
  private version: string;
  private checkedAt: number;

  /** @throws {InvalidConfigError} a file with mistakes at the start */
  constructor(
    private readonly path: string,
    private readonly onProblem: (message: string) => void = () => undefined,
    private readonly recheckMs = 2_000,
  ) {
    this.entries = parseTokens(readFileSync(path, 'utf8'));
    this.version = versionOf(path);
    this.checkedAt = performance.now();
  }

  find(token: string): TokenEntry | null {
    if (performance.now() - this.checkedAt >= this.recheckMs) this.refresh();
    return findToken(this.entries, token);
  }

  private refresh(): void {
    this.checkedAt = performance.now();
    try {
      const version = versionOf(this.path);
      if (version === this.version) return;
      this.version = version;
      this.entries = parseTokens(readFileSync(this.path, 'utf8'));
    } catch (error) {
      this.onProblem(`the tokens file was not taken over: ${error instanceof Error ? error.message : 'unreadable'}`);
    }
  }
}

function versionOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}:${size}:${ino}`;
}
