import type { Outcome } from '../outcome.js';
import type { WorldResult } from '../promises.js';
import { legend, line, logScale, mark, picture, rectangle, type SeriesName, text } from './svg.js';

const questions: readonly {
  readonly suffix: string;
  readonly words: string;
  readonly of: SeriesName;
  readonly when: 'rollback' | 'promote';
}[] = [
  { suffix: 'promote at 50 % + 0.1', words: 'healthy: promote (margin 50 % + 0.1 points)', of: 'assay', when: 'promote' },
  { suffix: 'errors × 2', words: 'errors × 2: rollback', of: 'kayenta', when: 'rollback' },
  { suffix: 'errors × 5', words: 'errors × 5: rollback', of: 'threshold', when: 'rollback' },
];

const [left, right, top, rowHeight] = [230, 840, 92, 62];
const ticks = [0.5, 1, 2, 5, 10, 20, 60];

interface Row {
  readonly name: string;
  readonly points: readonly { readonly question: (typeof questions)[number]; readonly outcome: Outcome }[];
}

/** Minutes to each verdict by how much traffic there is to learn from. */
export function timeByTraffic(worlds: readonly WorldResult[]): string {
  const results = worlds.find(({ name }) => name === 'low-traffic')?.results ?? [];
  const names = [...new Set(results.map(({ cell }) => cell.slice(0, cell.indexOf(':'))))];
  const rows = names.map((name): Row => {
    const of = (suffix: string): Outcome | undefined => results.find(({ cell }) => cell === `${name}: ${suffix}`)?.outcomes[0];
    return { name, points: pointsOf(of) };
  });
  const bottom = top + rows.length * rowHeight;
  const x = logScale([0.4, 75], [left, right]);
  const parts = [
    ...legend(
      questions.map(({ words, of }) => ({ of, name: words })),
      30,
      58,
    ),
    ...ticks.flatMap((tick) => [line(x(tick), top, x(tick), bottom, 'grid'), text(x(tick), bottom + 18, String(tick), 'small', 'middle')]),
    ...rows.flatMap((row, index) => drawn(row, top + index * rowHeight, x)),
    rectangle(left, top, right - left, bottom - top, 'frame'),
    text((left + right) / 2, bottom + 40, 'minutes (median and its 95 % interval, log scale)', '', 'middle'),
  ];
  const size = { width: 880, height: bottom + 56 };
  return picture(size, 'Minutes to a verdict by traffic, at 0.5 % errors', descriptionOf(rows), parts);
}

const pointsOf = (of: (suffix: string) => Outcome | undefined): Row['points'] =>
  questions.flatMap((question) => {
    const outcome = of(question.suffix);
    return outcome ? [{ question, outcome }] : [];
  });

const timesOf = ({ question, outcome }: Row['points'][number]): Outcome['minutesToRollback'] =>
  question.when === 'promote' ? outcome.minutesToPromote : outcome.minutesToRollback;

function drawn({ name, points }: Row, y: number, x: (minutes: number) => number): string[] {
  const marks = points.flatMap((point, index) => {
    const { value, low, high } = timesOf(point);
    const middle = y + ((index + 1) * rowHeight) / (questions.length + 1);
    const { of } = point.question;
    return [line(x(low ?? 75), middle, x(high ?? 75), middle, `${of} whisker`), mark(of, x(value ?? 75), middle, value === null)];
  });
  return [line(left, y, right, y, 'grid'), text(left - 12, y + rowHeight / 2 + 4, name, 'small', 'end'), ...marks];
}

function descriptionOf(rows: readonly Row[]): string {
  const said = rows.map(({ name, points }) => {
    const times = points.map((point) => `${point.question.words} after ${timesOf(point).value ?? 'more than 60'} minutes`);
    return `${name}: ${times.join(', ')}`;
  });
  return `Median minutes to a verdict by requests per second and the canary's share. ${said.join('. ')}.`;
}
