import type { RecordingPlan } from '../domain/index.js';

/** What is recorded is handed over this often at least, milliseconds. */
const handOverMs = 100;

/**
 * Milliseconds until a receiving thread hands over what it recorded: at the latest when the next window may close, so
 * that windows close when they are due and do not wait for a tick.
 *
 * Looked at anew after each hand-over, so that a clock that is set is noticed after a tenth of a second.
 */
export function msUntilHandOver(now: number, { windowMs, latenessMs }: Pick<RecordingPlan, 'windowMs' | 'latenessMs'>): number {
  const sinceDue = (now - latenessMs) % windowMs;
  return Math.min(handOverMs, sinceDue < 0 ? -sinceDue : windowMs - sinceDue);
}
