import type { Outcome } from './outcome.js';
import type { CellResult } from './promises.js';
import { type Median, percent, type Rate } from './rate.js';
import type { Scenario } from './scenarios/index.js';

/** Short names, for columns and legends. */
export const judgeNames: Readonly<Record<string, string>> = {
  assay: 'Assay',
  kayenta: 'Kayenta',
  threshold: 'threshold',
  ratio: 'ratio',
  'z-test': 'z test',
};

/** A Markdown table for each scenario, as wide as its words: to be read in a terminal and in a page alike. */
export function tableOf({ title, name, rules }: Scenario, results: readonly CellResult[]): string {
  const others = rules.map((rule) => judgeNames[rule] ?? rule);
  const header = ['canary', 'runs', 'Assay: rollback', 'min.', 'promote', 'min.', ...others];
  const rows = results.map((result) => [`${result.cell}${markOf(result)}`, ...columnsOf(result, rules)]);
  const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [`### ${title} (\`${name}\`)`, '', line(header), rule, ...rows.map(line), ''].join('\n');
}

/** ✓ a gate whose promises are all shown, ✗ a promise is broken, ? more runs would tell. */
function markOf({ findings, gate }: CellResult): string {
  if (findings.some(({ standing }) => standing === 'broken')) return ' ✗';
  if (!gate) return '';
  return findings.every(({ standing }) => standing === 'shown') ? ' ✓' : ' ?';
}

/** What was promised and is broken, and which gates need more runs: empty where all is shown. */
export function standingInWords(results: readonly CellResult[]): string {
  const list = (chosen: readonly string[], heading: string): string[] =>
    chosen.length > 0 ? ['', `${heading}:`, '', ...chosen.map((sentence) => `- ${sentence}`)] : [];
  const sentences = (standing: string, wanted: (result: CellResult) => boolean): string[] =>
    results
      .filter(wanted)
      .flatMap(({ scenario, cell, findings }) =>
        findings.flatMap((finding) => (finding.standing === standing ? [`${scenario}, ${cell}: ${finding.sentence}`] : [])),
      );
  const gates = results.filter(({ gate }) => gate).flatMap(({ findings }) => findings);
  const shown = gates.filter(({ standing }) => standing === 'shown').length;
  return [
    `${shown} of ${gates.length} promises that the service is accepted by are shown to hold.`,
    ...list(
      sentences('broken', () => true),
      'Broken',
    ),
    ...list(
      sentences('open', ({ gate }) => gate),
      'Not enough runs to show it',
    ),
  ].join('\n');
}

function columnsOf({ outcomes }: CellResult, rules: Scenario['rules']): string[] {
  const by = (judge: string): Outcome | undefined => outcomes.find((outcome) => outcome.judge === judge);
  const assay = by('assay');
  if (!assay) return [];
  const compared = by(rules[0] ?? '')?.runs;
  const { rollback, promote, early, runs } = assay;
  return [
    compared === undefined || compared === runs ? `${runs}` : `${runs}, ${compared}`,
    `${percent(rollback.share)} (${interval(rollback)})${early > 0 ? `, early ${percent(early / runs)}` : ''}`,
    minutesOf(assay.minutesToRollback),
    promote.share === 0 ? '0 %' : `${percent(promote.share)} (${interval(promote)})`,
    minutesOf(assay.minutesToPromote),
    ...rules.map((rule) => rivalOf(by(rule))),
  ];
}

const interval = ({ low, high }: Rate): string => `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
const minutesOf = ({ value }: Median): string => (value === null ? '–' : value.toFixed(value < 10 ? 2 : 1));

/** `43 %, 26.0`: rolled back so often, median after so many minutes. */
function rivalOf(outcome: Outcome | undefined): string {
  if (!outcome) return '';
  const { rollback, early, runs, minutesToRollback } = outcome;
  const before = early > 0 ? ` + ${percent(early / runs)} early` : '';
  return `${percent(rollback.share)}${before}${minutesToRollback.value === null ? '' : `, ${minutesOf(minutesToRollback)}`}`;
}
