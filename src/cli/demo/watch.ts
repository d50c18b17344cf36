import { randomUUID } from 'node:crypto';
import type { AssayClient, VerdictAnswer } from '../assay-client.js';
import { passGate } from '../gate.js';
import { type LiveArea } from '../progress.js';
import { type BoardHead, type BoardRow, board, boardLines, type Paint } from './board.js';

/** Longer than the deadline of the demo's template: by then every run is final. */
const patienceMs = 85_000;

/** Waits for the final verdict of one run and tells every answer on the way. */
export async function followRun(
  client: AssayClient,
  run: string,
  onVerdict: (verdict: VerdictAnswer) => void,
  signal: AbortSignal,
): Promise<VerdictAnswer> {
  const order = { run, idempotencyKey: randomUUID(), timeoutMs: patienceMs, retryForMs: 5000, longPollSeconds: 20, signal };
  const end = await passGate(client, order, { started: () => undefined, answered: onVerdict, retrying: () => undefined });
  if (end.kind === 'final') return end.verdict;
  throw end.kind === 'failed' ? end.error : new Error(`${run} had no final verdict after ${patienceMs / 1000} s`);
}

/**
 * Shows the table as it changes: in place for people, a few lines every five seconds for a log.
 *
 * @returns ends it and leaves the last state standing
 */
export function showBoard(
  area: LiveArea,
  watched: boolean,
  paint: Paint,
  width: () => number,
  now: () => { rows: readonly BoardRow[]; head: BoardHead },
): () => void {
  const table = (): string => {
    const { rows, head } = now();
    return watched ? board(rows, head, paint, width()) : boardLines(rows, head);
  };
  const timer = watched ? setInterval(() => area.show(table()), 250) : setInterval(() => area.keep(table()), 5000);
  return () => {
    clearInterval(timer);
    area.stop();
    area.keep(table());
  };
}
