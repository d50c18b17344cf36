import { type CellResult, type Outcome, percent, type Rate } from './outcome.js';
import type { Scenario } from './scenarios.js';

const judges: Readonly<Record<string, string>> = {
  assay: 'Assay',
  kayenta: 'Kayenta, every minute',
  threshold: 'threshold, 5 failures',
  ratio: 'ratio, more than 3 failures',
  'z-test': 'z test at 1 %, every look',
};

/** A Markdown table for each scenario, as wide as its words: to be read in a terminal and in a page alike. */
export function tableOf({ title, name }: Scenario, results: readonly CellResult[]): string {
  const header = ['canary', 'judge', 'runs', 'rollback', '95 % interval', 'promote', 'hold', 'min. to rollback', 'min. to promote'];
  const rows = results.flatMap(({ cell, outcomes, broken }) =>
    outcomes.map((outcome, index) => [index === 0 ? `${cell}${broken.length > 0 ? ' ✗' : ''}` : '', ...columnsOf(outcome)]),
  );
  const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const broken = results.flatMap((result) => result.broken.map((sentence) => `✗ ${result.cell}: ${sentence}`));
  return [`### ${title} (\`${name}\`)`, '', line(header), rule, ...rows.map(line), ...(broken.length > 0 ? ['', ...broken] : []), ''].join(
    '\n',
  );
}

function columnsOf({ judge, runs, rollback, promote, hold, early, ...times }: Outcome): string[] {
  const minutes = (value: number | null): string => (value === null ? '–' : value.toFixed(1));
  const before = early > 0 ? ` (+ ${percent(early / runs)} early)` : '';
  return [
    judges[judge] ?? judge,
    String(runs),
    `${percent(rollback.share)}${before}`,
    interval(rollback),
    percent(promote.share),
    percent(hold.share),
    minutes(times.minutesToRollback),
    minutes(times.minutesToPromote),
  ];
}

const interval = ({ low, high }: Rate): string => `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
