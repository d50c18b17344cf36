import type { WorldResult } from '../promises.js';
import { judges, legend, line, logScale, mark, path, picture, rectangle, type SeriesName, series, text } from './svg.js';

const effects = [
  ['A/A', 1],
  ['errors × 1.5', 1.5],
  ['errors × 2', 2],
  ['errors × 3', 3],
  ['errors × 5', 5],
] as const;

const [left, right, top, bottom] = [90, 840, 104, 440];
/** where runs are drawn of which fewer than half were rolled back within the hour */
const never = 105;
const ticks = [0.5, 1, 2, 5, 10, 20, 60];

interface Point {
  readonly ratio: number;
  readonly minutes: number | null;
}

/** Median minutes until each judge rolls back, by how much worse the canary is, in the realistic world. */
export function timeToRollback(worlds: readonly WorldResult[]): string {
  const results = worlds.find(({ name }) => name === 'realistic')?.results ?? [];
  const names = Object.keys(series) as SeriesName[];
  const courses = names.map((judge) => ({
    judge,
    points: effects.flatMap(([cell, ratio]): Point[] => {
      const outcome = results.find((each) => each.cell === cell)?.outcomes.find((each) => each.judge === judge);
      return outcome ? [{ ratio, minutes: outcome.minutesToRollback.value }] : [];
    }),
  }));
  const x = logScale([0.92, 5.4], [left, right]);
  const y = logScale([0.4, 130], [bottom, top]);
  const parts = [
    ...legend(judges, 30, 58),
    ...ticks.flatMap((tick) => [line(left, y(tick), right, y(tick), 'grid'), text(left - 8, y(tick) + 4, String(tick), 'small', 'end')]),
    text(left - 8, y(never) + 4, 'not in 60', 'small', 'end'),
    ...effects.flatMap(([, ratio]) => [
      line(x(ratio), top, x(ratio), bottom, 'grid'),
      text(x(ratio), bottom + 18, ratio === 1 ? 'healthy' : `× ${ratio}`, ratio === 1 ? 'small warn' : 'small', 'middle'),
    ]),
    ...courses.flatMap(({ judge, points }, index) => {
      const placed = points.map(({ ratio, minutes }) => ({ minutes, px: x(ratio) + 5 * (index - 2), py: y(minutes ?? never) })); // side by side
      return [
        path(
          placed.map(({ px, py }) => [px, py] as const),
          `${judge} line`,
        ),
        ...placed.map(({ minutes, px, py }) => mark(judge, px, py, minutes === null)),
      ];
    }),
    rectangle(left, top, right - left, bottom - top, 'frame'),
    text(26, (top + bottom) / 2, 'minutes to rollback (median, log scale)', '', 'middle', true),
    text((left + right) / 2, bottom + 40, "canary's errors, times the baseline's", '', 'middle'),
    text(
      (left + right) / 2,
      bottom + 58,
      'quick is no merit where healthy canaries are rolled back, too: see the left edge',
      'small soft',
      'middle',
    ),
  ];
  return picture({ width: 880, height: bottom + 74 }, 'Time to rollback in the realistic world', descriptionOf(courses), parts);
}

function descriptionOf(courses: readonly { readonly judge: SeriesName; readonly points: readonly Point[] }[]): string {
  const said = courses.map(({ judge, points }) => {
    const times = points.map(({ ratio, minutes }) => `${ratio === 1 ? 'healthy' : `× ${ratio}`} ${minutes === null ? 'not' : minutes}`);
    return `${series[judge].name}: ${times.join(', ')}`;
  });
  return `Median minutes until a rollback, by the canary's errors as a multiple of the baseline's; "not" means fewer than half within the hour. ${said.join('. ')}.`;
}
