import { RefusedError, type VerdictAnswer } from './assay-client.js';
import type { GateEnd, GateListener } from './gate.js';
import type { LiveArea } from './progress.js';

/** A line wherever the verdict changes, and a status that moves where somebody watches. */
export function tellAsLines(area: LiveArea): GateListener {
  let last = '';
  return {
    started: (run) => area.keep(`run ${run}`),
    answered: (verdict) => {
      const standing = `${verdict.decision} (${verdict.code})`;
      if (standing !== last && !verdict.final) area.keep(`${standing}: ${printable(verdict.reason)}`);
      last = standing;
      area.show(statusOf(verdict));
    },
    retrying: (error) => area.show(`trying again: ${printable(error.message)}`),
  };
}

/** Where a run stands, in a few words and its reason. */
export function statusOf({ decision, looks, elapsedSeconds, etaSeconds, reason }: VerdictAnswer): string {
  const parts = [
    decision,
    `${looks} looks`,
    ...(elapsedSeconds === null ? [] : [`${Math.round(elapsedSeconds)} s`]),
    ...(etaSeconds === null ? [] : [`about ${Math.round(etaSeconds)} s left`]),
  ];
  return `${parts.join(' · ')}\n${printable(reason)}`;
}

/** How the waiting ended, as one line. */
export function endInWords(end: GateEnd): string {
  switch (end.kind) {
    case 'final':
      return `${end.verdict.cancelled ? 'cancelled' : end.verdict.decision}: ${printable(end.verdict.reason)}`;
    case 'timeout':
      return `no final verdict in time${end.verdict ? ` (${printable(end.verdict.reason)})` : ''}${rejoin(end.run)}`;
    case 'failed':
      return `${printable(messageOf(end.error))}${isAboutTheRun(end.error) ? '' : rejoin(end.run)}`;
  }
}

/** The same for machines; `decision` is what was last heard, and means nothing while `final` is false. */
export function endAsDocument(end: GateEnd, exitCode: number): Record<string, unknown> {
  switch (end.kind) {
    case 'final':
      return { end: end.kind, exitCode, ...end.verdict };
    case 'timeout':
      return { end: end.kind, exitCode, run: end.run, final: false, decision: end.verdict?.decision ?? null, reason: endInWords(end) };
    case 'failed':
      return { end: end.kind, exitCode, run: end.run, final: false, decision: null, reason: endInWords(end) };
  }
}

/** Asking again would get the same answer. */
const isAboutTheRun = (error: unknown): boolean => error instanceof RefusedError && !error.retryable;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const rejoin = (run: string | null): string => (run === null ? '' : `; join again with --run ${printable(run)}`);

/** Text from elsewhere must not move the cursor. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ');
