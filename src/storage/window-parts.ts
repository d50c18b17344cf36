import type { TimeSlice } from '../domain/index.js';

/** What some records add to a window, as it is stored. */
export interface StoredPart extends TimeSlice {
  readonly id: number;
  readonly service: string;
  readonly packed: Buffer;
}

/** Parts of one service that make up one window. */
export interface PartGroup extends TimeSlice {
  readonly service: string;
  readonly parts: readonly StoredPart[];
}

/**
 * Which windows the parts make up, and which of them are due. Replicas that learnt of another window length at different
 * moments have stored overlapping windows: together they are one, as long as all of them.
 *
 * @param parts  by service, then by their start
 * @returns `openFrom`: the start of the earliest window that is not due; infinite where all are
 */
export function closableGroups(parts: readonly StoredPart[], until: number): { due: PartGroup[]; openFrom: number } {
  const groups: { service: string; from: number; to: number; parts: StoredPart[] }[] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last && last.service === part.service && part.from < last.to) {
      last.to = Math.max(last.to, part.to);
      last.parts.push(part);
    } else groups.push({ service: part.service, from: part.from, to: part.to, parts: [part] });
  }
  const open = groups.filter(({ to }) => to > until);
  const openFrom = Math.min(Number.POSITIVE_INFINITY, ...open.map(({ from }) => from));
  return { due: groups.filter(({ from, to }) => to <= until && from < openFrom), openFrom };
}
