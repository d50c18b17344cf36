import { createHash, timingSafeEqual } from 'node:crypto';
import { InvalidConfigError } from '../domain/index.js';

/**
 * What a token may do. viewer: read. deployer: start, change and cancel runs. author: templates. ingest: push telemetry,
 * nothing else. admin: everything, endpoints and overrides included. deployer and author can also read.
 */
export type Scope = 'viewer' | 'deployer' | 'author' | 'ingest' | 'admin';

export const scopes: readonly Scope[] = ['viewer', 'deployer', 'author', 'ingest', 'admin'];

/** One line of the tokens file: who, what, and the digest by which the token is known. */
export interface TokenEntry {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly digest: Buffer;
}

/** A token as its owner sees it once, and the line that lets it in. */
export interface NewToken {
  readonly token: string;
  readonly line: string;
}

const namePattern = /^[a-z0-9][a-z0-9-]{0,39}$/;
const tokenPattern = /^assay_[a-z0-9][a-z0-9-]{0,39}_[A-Za-z0-9_-]{43}$/;

/**
 * @param name    lower-case letters, digits and dashes, at most 40
 * @param random  32 bytes that nobody can guess
 * @throws {RangeError} a name that could not stand in a token or a line, or too little randomness
 */
export function newToken(name: string, granted: readonly Scope[], random: Uint8Array): NewToken {
  if (!namePattern.test(name)) throw new RangeError('a token name has lower-case letters, digits and dashes, at most 40');
  if (random.length !== 32) throw new RangeError(`a token needs 32 random bytes, got ${random.length}`);
  const token = `assay_${name}_${Buffer.from(random).toString('base64url')}`;
  return { token, line: `${name} ${granted.join(',')} sha256:${digestOf(token).toString('hex')}` };
}

/** @throws {InvalidConfigError} naming the lines that are wrong, never what is in them: it could be a token */
export function parseTokens(text: string): TokenEntry[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const written = lines.filter(({ line }) => line !== '' && !line.startsWith('#'));
  const entries = written.map(({ line, number }) => ({ entry: entryOf(line), number }));
  const wrong = entries.filter(({ entry }) => entry === null).map(({ number }) => number);
  if (wrong.length > 0) throw new InvalidConfigError(`line ${wrong.join(', ')} is not "name scope[,scope] sha256:<64 hex digits>"`);
  if (entries.length === 0) throw new InvalidConfigError('there is no token in it, so nobody could come in');
  return entries.flatMap(({ entry }) => entry ?? []);
}

/** Who this token belongs to; null: nobody. Every entry is compared, in constant time, so that timing tells nothing. */
export function findToken(entries: readonly TokenEntry[], token: string): TokenEntry | null {
  if (!tokenPattern.test(token)) return null;
  const digest = digestOf(token);
  let found: TokenEntry | null = null;
  for (const entry of entries) {
    if (timingSafeEqual(entry.digest, digest)) found = entry;
  }
  return found;
}

/** admin may do everything; to deploy or to write templates one must be able to read. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  if (granted.includes('admin') || granted.includes(needed)) return true;
  return needed === 'viewer' && (granted.includes('deployer') || granted.includes('author'));
}

function entryOf(line: string): TokenEntry | null {
  const [name = '', scopeList = '', digest = '', ...rest] = line.split(/\s+/);
  const named = scopeList.split(',');
  const granted = scopes.filter((scope) => named.includes(scope));
  const [, hex] = /^sha256:([0-9a-f]{64})$/i.exec(digest) ?? [];
  if (!namePattern.test(name) || granted.length !== named.length || hex === undefined || rest.length > 0) return null;
  return { name, scopes: granted, digest: Buffer.from(hex, 'hex') };
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
