import { createHash } from 'node:crypto';
import { type VerdictDto } from './verdict.dto.js';

/** Strong entity tag: equal tags mean equal bytes. */
export function verdictTag(verdict: VerdictDto): string {
  return `"${createHash('sha256').update(JSON.stringify(verdict)).digest('base64url').slice(0, 22)}"`;
}

/** True where the caller's `If-None-Match` names this tag. Weak tags of proxies count, as the comparison is a weak one (RFC 9110 §13.1.2). */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  const named = (ifNoneMatch ?? '').split(',').map((candidate) => candidate.trim().replace(/^W\//, ''));
  return named.includes(tag) || named.includes('*');
}
