import type { Signal } from '../../src/ingest/index.js';
import { seededRandom } from '../support/random.js';
import { comparePayload, type Outcome } from './compare-payload.js';
import { mutated } from './mutate-bytes.js';
import { seedBodies } from './seed-bodies.js';

export interface FuzzOptions {
  readonly payloads: number;
  readonly seed: number;
  readonly signals?: readonly Signal[];
  /** so many more are done */
  readonly onProgress?: (many: number) => void;
}

export interface FuzzReport {
  /** how many payloads of each signal had each outcome */
  readonly outcomes: ReadonlyMap<Signal, ReadonlyMap<Outcome, number>>;
  /** the first payloads that differ, in hex */
  readonly differences: readonly { readonly signal: Signal; readonly outcome: Outcome; readonly hex: string }[];
  /** the longest that one payload took, milliseconds */
  readonly slowestMs: number;
}

const bodiesOfSignal = 60;
const mostDifferences = 10;
const everyOne: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** Reads mutated requests with both readers. Same options, same payloads. */
export function fuzz({ payloads, seed, signals = everyOne, onProgress = () => undefined }: FuzzOptions): FuzzReport {
  const random = seededRandom(seed);
  const bodies = new Map(everyOne.map((signal) => [signal, seedBodies(signal, bodiesOfSignal, random)]));
  const outcomes = new Map(signals.map((signal) => [signal, new Map<Outcome, number>()]));
  const differences: { signal: Signal; outcome: Outcome; hex: string }[] = [];
  let slowestMs = 0;
  const bodyOf = (signal: Signal): Uint8Array => bodies.get(signal)?.[Math.floor(random() * bodiesOfSignal)] as Uint8Array;
  for (let done = 0; done < payloads; done += 1) {
    const signal = signals[done % signals.length] as Signal;
    const other = bodyOf(random() < 0.8 ? signal : (everyOne[Math.floor(random() * everyOne.length)] as Signal));
    const bytes = mutated(bodyOf(signal), other, random);
    const startedAt = performance.now();
    const outcome = comparePayload(signal, bytes);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    const ofSignal = outcomes.get(signal) as Map<Outcome, number>;
    const kind = outcome.startsWith('difference') ? 'difference: see below' : outcome;
    ofSignal.set(kind, (ofSignal.get(kind) ?? 0) + 1);
    if (kind !== outcome && differences.length < mostDifferences)
      differences.push({ signal, outcome, hex: Buffer.from(bytes).toString('hex') });
    if (done % 1000 === 999) onProgress(1000);
  }
  return { outcomes, differences, slowestMs };
}
