import { forecastTemplate } from '../../src/analysis/forecast/forecast-template.js';
import { aboutSeconds } from '../../src/analysis/forecast/in-short.js';
import { parseTemplate } from '../../src/templates/index.js';

const templateWith = (margin: string): string => `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: forecast }
spec:
  schedule: { warmup: 0, minDuration: 0, minSamples: 1, deadline: 1h }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: ${margin}
`;

const margins = ['{ relative: 0.1, absolute: 0.0005 }', '{ relative: 0.5, absolute: 0.001 }', '{ relative: 2, absolute: 0.005 }'];
const finalMargin = margins[0] as string;
const harms = [2, 5];
const traffic = [
  [10, 0.05],
  [10, 0.5],
  [100, 0.05],
  [100, 0.5],
  [1000, 0.05],
  [1000, 0.5],
] as const;

/** Forecasts for errors at 0.5 %, as the section of docs/statistics.md shows them. */
export function forecastTable(): string {
  const heads = [
    'requests/s, canary',
    ...margins.map((margin) => `safe within \`${margin}\``),
    ...harms.map((harm) => `errors × ${harm} rolled back`),
  ];
  const rows = traffic.map(([rps, share]) => [
    `${rps}, ${100 * share} %`,
    ...margins.map((margin) => time(margin, rps, share, 2).safe),
    ...harms.map((harm) => time(finalMargin, rps, share, harm).rollback),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const about = 'Medians for independent errors at 0.5 %, windows of 15 s, a deadline of 1 h, one metric; harm beyond the first margin:';
  return [about, '', line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function time(margin: string, requestsPerSecond: number, share: number, harm: number): { safe: string; rollback: string } {
  const { template } = parseTemplate(templateWith(margin));
  if (template === null) throw new Error('the template of the table is wrong');
  const assumed = { requestsPerSecond, requestsByMetric: {}, share, levels: {}, phi: 1, harm };
  const question = forecastTemplate(template, assumed).phases[0]?.questions[0];
  const words = (seconds: number | null | undefined): string => (seconds ? aboutSeconds(seconds) : 'never');
  return { safe: words(question?.safeSeconds), rollback: words(question?.rollbackSeconds) };
}
