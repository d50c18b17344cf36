import type { Attributes } from '../../src/domain/index.js';
import type { Expected, ExpectedCell } from './expected.js';
import { attributeOf, Doubtful, labelOf, numberOf, plainOf } from './expected-value.js';
import { cellName, fuzzPlan } from './fuzz-plan.js';

/** What is kept of some attributes. */
interface Kept {
  readonly labels: Attributes;
  readonly numbers: Readonly<Record<string, number>>;
}

const nothing: Kept = { labels: {}, numbers: {} };

/** Adds up what cells should hold. */
export class CellsExpected {
  accepted = 0;
  refused = 0;
  private doubt: string | null = null;
  private readonly cells = new Map<string, ExpectedCell>();
  private readonly values: readonly string[];

  /** @param values  attributes whose numbers are kept, too */
  constructor(values: readonly string[] = []) {
    this.values = values;
  }

  /** The attributes that the plan asks for; of several with one name the last counts. */
  attributes(encoded: readonly Uint8Array[], outer: Kept = nothing): Kept {
    const [labels, numbers] = [{ ...outer.labels }, { ...outer.numbers }];
    for (const bytes of encoded) {
      const [key, value] = this.unlessDoubtful(() => attributeOf(bytes)) ?? ['', bytes];
      if (fuzzPlan.attributes.includes(key)) labels[key] = labelOf(plainOf(value));
      if (this.values.includes(key)) numbers[key] = numberOf(plainOf(value));
    }
    return { labels, numbers };
  }

  add(from: number, signal: string, instrument: string | null, labels: Attributes, count: number, sum: number): void {
    const name = cellName(from, signal, instrument, labels);
    const sofar = this.cells.get(name) ?? { count: 0, sum: 0 };
    this.cells.set(name, { count: sofar.count + count, sum: sofar.sum + sum });
  }

  expected(): Expected {
    const { accepted, refused, cells, doubt } = this;
    return { accepted, refused, cells, doubt };
  }

  private unlessDoubtful<Value>(read: () => Value): Value | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Doubtful)) throw error;
      this.doubt = error.message;
      return null;
    }
  }
}
