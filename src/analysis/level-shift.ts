import { isGap, type Margin, type MissingData, type Sample } from '../domain/index.js';
import { levelShiftFactor } from '../statistics/index.js';
import { safeMarginOf, type Weighing } from './weighing.js';

/** Events and what they are counted among, in one reference period. */
interface Level {
  readonly events: number;
  readonly exposure: number;
}

/** A reference period that is further off than this by chance is one in a hundred (statistics §G). */
const confidence = 0.99;

/** Beyond this factor nothing can be shown, neither harm nor that there is none. */
const unknownShift = 1e6;

/** Half an event more, so that a period without any has a level, too. */
const half = 0.5;

/**
 * How far the baseline's level may be off only because it is of another time; 1 where it runs beside the canary.
 *
 * @param levelOf  what one reading says of one reference period; null: nothing
 * @param index    of the reading among history and run, oldest first
 */
export function levelShiftOf({ readings, history }: Weighing, levelOf: (sample: Sample, index: number) => Level | null): number {
  const all = [...history, ...readings];
  const periods = Math.max(0, ...all.map(({ references }) => references?.length ?? 0));
  if (periods === 0) return 1;
  const levels = Array.from({ length: periods }, (_, period) => {
    let [events, exposure] = [0, 0];
    all.forEach(({ references }, index) => {
      const sample = references?.[period];
      const level = sample && !isGap(sample) ? levelOf(sample, index) : null;
      events += level?.events ?? 0;
      exposure += level?.exposure ?? 0;
    });
    return exposure > 0 ? (events + half) / exposure : null;
  });
  const seen = levels.filter((level) => level !== null);
  return seen.length < periods ? unknownShift : Math.min(unknownShift, levelShiftFactor(seen, confidence));
}

/** Tells the reader that the margin is not the template's alone. */
export function shiftInWords(shift: number): string[] {
  if (shift === 1) return [];
  if (shift >= 1000) return ['the reference periods differ so much, or say so little, that nothing can be shown against them'];
  return [
    `the level of the reference periods differs by up to ${Number(shift.toPrecision(3))} times: margins are that much wider for harm and tighter for safe`,
  ];
}

/** Both margins with room for the shift: harm must lie beyond it, and what is safe must be safe wherever today's baseline lies. */
export function marginsOf(
  weighing: Weighing,
  margin: Margin,
  direction: 'increase' | 'decrease',
  shift: number,
): { harm: Margin; safe: Margin } {
  const safe = safeMarginOf(weighing) ?? margin;
  if (shift === 1) return { harm: margin, safe };
  return { harm: moved(margin, direction, shift), safe: moved(safe, direction, 1 / shift) };
}

const moved = ({ relative, absolute }: Margin, direction: 'increase' | 'decrease', factor: number): Margin => ({
  relative: direction === 'increase' ? (1 + relative) * factor - 1 : 1 - (1 - relative) / factor,
  absolute,
});

/** Too few reference periods to know how much they differ: nothing can be said against such a baseline. */
export function missingReferences({ template, metric, readings, history }: Weighing): MissingData | null {
  const wanted = template.cohorts.baseline?.references;
  if (wanted === undefined || metric.margin === null) return null;
  const all = [...history, ...readings];
  const seen = Array.from({ length: wanted }, (_, period) => all.some(({ references }) => hasTraffic(references?.[period]))).filter(
    Boolean,
  );
  if (seen.length === wanted) return null;
  const detail = `only ${seen.length} of ${wanted} reference periods have data to compare with`;
  return { cause: 'absent', policy: 'hold', detail };
}

function hasTraffic(sample: Sample | { readonly kind: 'gap' } | undefined): boolean {
  switch (sample?.kind) {
    case 'counts':
      return sample.total > 0;
    case 'rate':
      return sample.exposure > 0;
    case 'distribution':
      return true;
    default:
      return false;
  }
}
