import type { Gap, Measurement, TimeSlice } from '../../domain/index.js';
import type { CohortTable } from './cohort-tables.js';
import { type MetricPlan, readMetric } from './metric-plan.js';

export type MeasureSlice = (slice: number) => Measurement;

/** Measures one metric in each slice. Where an answer is missing or not complete both cohorts are gaps: half a reading is none. */
export function measuring(
  plan: MetricPlan,
  answers: readonly CohortTable[],
  slices: readonly TimeSlice[],
  { pod, scrapeSeconds }: { readonly pod: string | null; readonly scrapeSeconds: number },
): MeasureSlice {
  const { metric, at } = plan;
  const seconds = secondsOf(slices);
  const short = at === 'edges' && seconds < 2 * scrapeSeconds;
  const remarks = short
    ? [...plan.remarks, `windows of ${seconds} s are shorter than two scrapes: counts may move to the next one`]
    : plan.remarks;
  const read = readMetric(metric, answers, seconds, pod);
  return (slice) => {
    const edges = at === 'ends' ? [slice] : [slice, slice + 1];
    const trouble = troubleAt(answers, edges);
    if (trouble) return unreadable(metric.name, trouble);
    const { baseline, canary } = read(slice);
    const notes = answers.flatMap(({ table }) => edges.flatMap((edge) => table.notes[edge] ?? []));
    const warnings = [...new Set([...remarks, ...baseline.warnings, ...canary.warnings, ...notes])];
    return { metric: metric.name, baseline: baseline.sample, canary: canary.sample, warnings };
  };
}

function troubleAt(answers: readonly CohortTable[], edges: readonly number[]): string | null {
  for (const { table } of answers) {
    for (const edge of edges) if (table.problems[edge]) return table.problems[edge];
  }
  return answers.map((answer) => answer.complaintAt(edges)).find((complaint) => complaint !== null) ?? null;
}

/** Neither cohort could be measured, and why. */
export function unreadable(metric: string, trouble: string): Measurement {
  const gap: Gap = { kind: 'gap', cause: 'unavailable', detail: trouble };
  return { metric, baseline: gap, canary: gap, warnings: [trouble] };
}

/** Length of a window. */
export const secondsOf = ([first]: readonly TimeSlice[]): number => (first ? (first.to - first.from) / 1000 : 0);

/** Where windows begin and end. @throws {RangeError} the slices leave gaps or differ in length */
export function edgesOf(slices: readonly TimeSlice[]): number[] {
  const [first] = slices;
  if (!first) return [];
  const length = first.to - first.from;
  slices.forEach(({ from, to }, i) => {
    if (!(length > 0) || from !== first.from + i * length || to !== from + length)
      throw new RangeError('slices must be contiguous and of one length');
  });
  return [first.from, ...slices.map(({ to }) => to)];
}
