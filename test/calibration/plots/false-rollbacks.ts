import type { Outcome } from '../outcome.js';
import type { WorldResult } from '../promises.js';
import { judges, legend, line, logScale, mark, picture, rectangle, type SeriesName, series, text } from './svg.js';

/** Rows of the plot: world, canary in it, and how they are called there. */
const rows: readonly (readonly [string, string, string])[] = [
  ['independent', 'A/A', 'independent errors'],
  ['independent', 'A/A, margin 0', 'independent errors, margin 0'],
  ['realistic', 'A/A', 'realistic'],
  ['realistic', 'A/A, margin 0', 'realistic, margin 0'],
  ['bursts', 'bursts of 4', 'bursts of 4, margin 0'],
  ['bursts', 'bursts of 10', 'bursts of 10, margin 0'],
  ['simpson', 'A/A, errors rise', 'Simpson: errors rise with the share'],
  ['simpson', 'A/A, errors fall', 'Simpson: errors fall as it grows'],
  ['ten-metrics', 'A/A, margin 0', 'ten metrics, margin 0'],
  ['pods', 'A/A, 1 canary pod', 'pods unlike by 30 %, 1 canary pod'],
  ['pods', 'A/A, 5 canary pods', 'pods unlike by 30 %, 5 canary pods'],
  ['latency-p50', 'A/A, margin 0', 'latency p50, margin 0'],
  ['latency-p95', 'A/A, margin 0', 'latency p95, margin 0'],
  ['latency-p99', 'A/A, margin 0', 'latency p99, margin 0'],
  ['gauges', 'A/A, autocorrelation 0', 'gauge, no memory'],
  ['gauges', 'A/A, autocorrelation 0.8', 'gauge, autocorrelation 0.8'],
  ['gauges', 'A/A, autocorrelation 0.95', 'gauge, autocorrelation 0.95'],
];

const [left, right, top, rowHeight] = [252, 850, 92, 46];
const promised = 0.01;
const ends = [0.0005, 1] as const;
const ticks = [0.001, 0.01, 0.1, 1];

/** How often each judge rolls back a healthy canary, world by world. */
export function falseRollbacks(worlds: readonly WorldResult[]): string {
  const found = rows.flatMap(([world, cell, name]) => {
    const result = worlds.find((each) => each.name === world)?.results.find((each) => each.cell === cell);
    return result ? [{ name, outcomes: result.outcomes }] : [];
  });
  const bottom = top + found.length * rowHeight;
  const x = logScale(ends, [left, right]);
  const parts = [
    ...legend(judges, 30, 58),
    ...ticks.flatMap((tick) => [
      line(x(tick), top, x(tick), bottom, 'grid'),
      text(x(tick), bottom + 18, `${100 * tick} %`, 'small', 'middle'),
    ]),
    ...found.flatMap(({ name, outcomes }, index) => rowOf(name, outcomes, top + index * rowHeight, x)),
    line(x(promised), top - 6, x(promised), bottom, 'limit'),
    text(x(promised), top - 10, 'promised: at most 1 %', 'small warn', 'middle'),
    rectangle(left, top, right - left, bottom - top, 'frame'),
    text((left + right) / 2, bottom + 40, 'healthy canaries rolled back within the hour (log scale), with 95 % interval', '', 'middle'),
    text(
      (left + right) / 2,
      bottom + 58,
      'a mark on the left edge: not a single one; its line ends at the upper bound',
      'small soft',
      'middle',
    ),
  ];
  return picture({ width: 880, height: bottom + 74 }, 'False rollbacks of healthy canaries', descriptionOf(found), parts);
}

function rowOf(name: string, outcomes: readonly Outcome[], y: number, x: (share: number) => number): string[] {
  const names = (Object.keys(series) as SeriesName[]).filter((judge) => outcomes.some((outcome) => outcome.judge === judge));
  const step = rowHeight / (names.length + 1);
  const marks = names.flatMap((judge, index) => {
    const rollback = outcomes.find((outcome) => outcome.judge === judge)?.rollback;
    if (!rollback) return [];
    const middle = y + (index + 1) * step;
    return [
      line(x(rollback.low), middle, x(rollback.high), middle, `${judge} whisker`),
      mark(judge, x(rollback.share), middle, rollback.share === 0),
    ];
  });
  return [line(left, y, right, y, 'grid'), text(left - 12, y + rowHeight / 2 + 4, name, 'small', 'end'), ...marks];
}

function descriptionOf(found: readonly { readonly name: string; readonly outcomes: readonly Outcome[] }[]): string {
  const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
  const said = found.map(({ name, outcomes }) => {
    const rates = outcomes.map(({ judge, rollback }) => `${series[judge as SeriesName].name} ${percent(rollback.share)}`);
    return `${name}: ${rates.join(', ')}`;
  });
  return `Share of healthy canaries that each judge rolls back. ${said.join('. ')}.`;
}
