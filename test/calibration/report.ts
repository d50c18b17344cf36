import type { Outcome } from './outcome.js';
import type { Finding, Standing, WorldResult } from './promises.js';
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
export function tableOf({ title, name, rules }: Scenario, { results, seed, runs, commit }: WorldResult): string {
  const others = rules.map((rule) => judgeNames[rule] ?? rule);
  const header = ['canary', 'runs', 'Assay: rollback', 'min.', 'promote', 'min.', ...others];
  const rows = results.map((result) => [`${result.cell}${markOf(result)}`, ...columnsOf(result, rules)]);
  const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const how = `Seed ${seed}, ${runs} runs of each canary whose rate is near 0, sources of ${commit ?? 'an unknown commit'}.`;
  return [`### ${title} (\`${name}\`)`, '', line(header), rule, ...rows.map(line), '', how, ''].join('\n');
}

/** ✓ a gate whose promises are all shown, ✗ a promise is broken, ? more runs would tell. */
type Row = WorldResult['results'][number];

function markOf({ findings, gate }: Row): string {
  if (findings.some(({ standing }) => standing === 'broken')) return ' ✗';
  if (!gate) return '';
  return findings.every(({ standing }) => standing === 'shown') ? ' ✓' : ' ?';
}

/** What was promised and is broken, and which gates need more runs: empty where all is shown. */
export function standingInWords(worlds: readonly WorldResult[]): string {
  const rows = worlds.flatMap(({ name, results }) => results.map((result) => ({ ...result, of: `${name}, ${result.cell}` })));
  const sentences = (standing: Standing, gatesOnly: boolean): string[] =>
    rows
      .filter(({ gate }) => gate || !gatesOnly)
      .flatMap(({ of, findings }) =>
        findings.filter((finding) => finding.standing === standing).map(({ sentence }: Finding) => `- ${of}: ${sentence}`),
      );
  const list = (lines: readonly string[], heading: string): string[] => (lines.length > 0 ? ['', `${heading}:`, '', ...lines] : []);
  const promised = rows.filter(({ gate }) => gate).flatMap(({ findings }) => findings);
  const shown = promised.filter(({ standing }) => standing === 'shown').length;
  return [
    `${shown} of ${promised.length} promises that the service is accepted by are shown to hold.`,
    ...list(sentences('broken', false), 'Broken'),
    ...list(sentences('open', true), 'Not enough runs to show it'),
  ].join('\n');
}

function columnsOf({ outcomes }: Row, rules: Scenario['rules']): string[] {
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
