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

/** Shows the table as it changes: in place for people, a few lines every five seconds for a log. */
export function showBoard(
  area: LiveArea,
  watched: boolean,
  paint: Paint,
  now: () => { rows: readonly BoardRow[]; head: BoardHead },
): () => void {
  const paintIt = (): void => {
    const { rows, head } = now();
    if (watched) area.show(board(rows, head, paint));
    else area.keep(boardLines(rows, head));
  };
  const timer = setInterval(paintIt, watched ? 250 : 5000);
  return () => {
    clearInterval(timer);
    paintIt();
  };
}
