import { Injectable } from '@nestjs/common';
import { type FlaggerHook } from './hook.js';

const most = 10_000;

/**
 * Rollouts whose canary has no traffic right now, as Flagger has just said: there the first step needs no evidence, and no later one does without.
 *
 * Kept in this process only. Flagger says it again at every interval, so what is lost with a process, or told to another replica, delays the
 * first step by an interval and never lets a later one through.
 */
@Injectable()
export class FirstSteps {
  private readonly open = new Set<string>();

  allow(hook: FlaggerHook): void {
    const key = keyOf(hook);
    this.open.delete(key);
    this.open.add(key);
    const [oldest] = this.open;
    if (this.open.size > most && oldest !== undefined) this.open.delete(oldest);
  }

  /** Once for each {@link allow}. */
  take(hook: FlaggerHook): boolean {
    return this.open.delete(keyOf(hook));
  }
}

const keyOf = ({ namespace, name, checksum }: FlaggerHook): string => JSON.stringify([namespace, name, checksum]);
