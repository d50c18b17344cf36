import type { Signal } from '../../src/ingest/index.js';
import { MalformedOtlpError } from '../../src/ingest/malformed-otlp-error.js';
import { type Expected, type ExpectedCell, expectedOf } from './expected.js';
import { RefusedByIntention } from './expected-value.js';
import { cellName, newRecorder } from './fuzz-plan.js';

/** How the two readers compare on one request. */
export type Outcome =
  | 'both read it, with the same counts and sums'
  | 'both refuse it'
  | `by intention: ${string}`
  | `difference: ${string}`;

/** Where Assay refuses and the other decoder reads, by what Assay says. */
const stricter: readonly (readonly [said: RegExp, why: string])[] = [
  [/varint is longer than 10 bytes/, 'Assay refuses varints of more than 10 bytes, also where they are stepped over'],
  [/groups are nested too deeply/, 'Assay refuses groups that are nested deeper than 64'],
];

/** Where Assay reads and the other decoder refuses, by what the other says. */
const laxer: readonly (readonly [said: RegExp, why: string])[] = [];

export function comparePayload(signal: Signal, bytes: Uint8Array): Outcome {
  const theirs = readOrError(() => expectedOf(signal, bytes));
  const ours = readOrError(() => recorded(signal, bytes));
  if (ours instanceof Error && !(ours instanceof MalformedOtlpError)) return `difference: Assay fails with ${ours.stack ?? ours.message}`;
  if (ours instanceof Error) return refusedBecause(ours, theirs);
  if (theirs instanceof RefusedByIntention) return `difference: Assay reads it although ${theirs.message}`;
  if (theirs instanceof Error) {
    const reason = laxer.find(([said]) => said.test(theirs.message))?.[1];
    return reason ? `by intention: ${reason}` : `difference: Assay reads what the other refuses: ${theirs.message}`;
  }
  return compared(ours, theirs);
}

function refusedBecause(ours: Error, theirs: Expected | Error): Outcome {
  if (theirs instanceof RefusedByIntention) return `by intention: Assay refuses it: ${theirs.message}`;
  if (theirs instanceof Error) return 'both refuse it';
  const reason = stricter.find(([said]) => said.test(ours.message))?.[1];
  if (reason) return `by intention: ${reason}`;
  if (theirs.doubt) return `by intention: Assay refuses ${theirs.doubt}, or steps over it`;
  return `difference: Assay refuses what the other reads: ${ours.message}`;
}

function compared(ours: Expected, theirs: Expected): Outcome {
  if (ours.accepted + ours.refused !== theirs.accepted + theirs.refused || (!theirs.doubt && ours.accepted !== theirs.accepted)) {
    const said = ({ accepted, refused }: Expected): string => `${accepted} accepted and ${refused} refused`;
    return `difference: Assay has ${said(ours)}, the other ${said(theirs)}`;
  }
  if (theirs.doubt) return `by intention: ${theirs.doubt}: only the number of observations is compared`;
  for (const name of new Set([...ours.cells.keys(), ...theirs.cells.keys()])) {
    const [mine, other] = [ours.cells.get(name), theirs.cells.get(name)];
    if (!mine || !other || mine.count !== other.count || !isClose(mine.sum, other.sum)) {
      return `difference: ${name} has ${inWords(mine)} by Assay and ${inWords(other)} by the other`;
    }
  }
  return 'both read it, with the same counts and sums';
}

/** Sums of floats depend on their order, in the last digits. */
const isClose = (a: number, b: number): boolean => a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

const inWords = (cell: ExpectedCell | undefined): string => (cell ? `count ${cell.count}, sum ${cell.sum}` : 'nothing');

function recorded(signal: Signal, bytes: Uint8Array): Expected {
  const recorder = newRecorder();
  const { accepted, refused } = recorder.record(signal, 'protobuf', bytes);
  const cells = new Map<string, ExpectedCell>();
  for (const window of recorder.closeAll()) {
    for (const { signal: of, instrument, attributes, count, sum, histogram } of window.cells) {
      const form = signal === 'metrics' ? `${instrument} ${histogram?.kind ?? ''}` : instrument;
      cells.set(cellName(window.from, of, form, attributes), { count, sum });
    }
  }
  return { accepted, refused: [...refused.values()].reduce((sum, count) => sum + count, 0), cells, doubt: null };
}

function readOrError<Value>(read: () => Value): Value | Error {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
