import { isGap, type Measurement, type MissingData, type Sample } from '../domain/index.js';
import { levelShiftFactor } from '../statistics/index.js';
import type { Subject } from './weighing.js';

/** Events and what they are counted among, in one reference period. */
export interface Level {
  readonly events: number;
  readonly exposure: number;
}

/** A reference period that is further off than this by chance is one in a hundred (statistics §G). */
const confidence = 0.99;

/** Beyond this factor nothing can be shown, neither harm nor that there is none. */
const unknownShift = 1e6;

/** Half an event more, so that a period without any has a level, too. */
const half = 0.5;

/** How far the baseline's level may be off only because it is of another time; learned from what each reference period did. */
export class LevelShift {
  private readonly periods: Level[] = [];

  /** @param levelOf  what one reading says of one reference period; null: nothing */
  learn({ references = [] }: Measurement, levelOf: (sample: Sample) => Level | null): void {
    references.forEach((sample, index) => {
      const { events, exposure } = this.periods[index] ?? { events: 0, exposure: 0 };
      const level = isGap(sample) ? null : levelOf(sample);
      this.periods[index] = { events: events + (level?.events ?? 0), exposure: exposure + (level?.exposure ?? 0) };
    });
  }

  /** ≥ 1; 1 where the baseline runs beside the canary. */
  factor(): number {
    if (this.periods.length === 0) return 1;
    if (this.periods.some(({ exposure }) => exposure === 0)) return unknownShift;
    const levels = this.periods.map(({ events, exposure }) => (events + half) / exposure);
    return Math.min(unknownShift, levelShiftFactor(levels, confidence));
  }
}

/** Tells the reader that the margin is not the template's alone. */
export function shiftInWords(shift: number): string[] {
  if (shift === 1) return [];
  if (shift >= 1000) return ['the reference periods differ so much, or say so little, that nothing can be shown against them'];
  return [
    `the level of the reference periods differs by up to ${Number(shift.toPrecision(3))} times: margins are that much wider for harm and tighter for safe`,
  ];
}

/** Counts the reference periods that have been seen at all. */
export class ReferencesSeen {
  private readonly seen: boolean[] = [];

  constructor(private readonly subject: Pick<Subject, 'template' | 'metric'>) {}

  learn({ references = [] }: Measurement): void {
    references.forEach((sample, index) => {
      this.seen[index] ||= hasTraffic(sample);
    });
  }

  /** Too few reference periods to know how much they differ: nothing can be said against such a baseline. */
  missing(): MissingData | null {
    const { template, metric } = this.subject;
    const wanted = template.cohorts.baseline?.references;
    if (wanted === undefined || metric.margin === null) return null;
    const seen = this.seen.slice(0, wanted).filter(Boolean).length;
    if (seen === wanted) return null;
    return { cause: 'absent', policy: 'hold', detail: `only ${seen} of ${wanted} reference periods have data to compare with` };
  }
}

function hasTraffic(sample: Sample | { readonly kind: 'gap' }): boolean {
  switch (sample.kind) {
    case 'counts':
      return sample.total > 0;
    case 'rate':
      return sample.exposure > 0;
    case 'moments':
      return sample.count > 0;
    case 'distribution':
    case 'level':
      return true;
    default:
      return false;
  }
}
