import type { MetricAnswer } from './assay-client.js';
import type { GateEnd } from './gate.js';
import { acceptedOf, harmOf, sideInWords, standingOf } from './gate-report.js';

/** The end of a gate as Markdown, for the summary of a pipeline's step: the verdict, why, and a table of the metrics. */
export function markdownOf(end: GateEnd): string {
  const { outcome, reason, verdict, run } = standingOf(end);
  const template = verdict?.template.split('@')[0];
  const lines = [`### Assay: ${outcome}${template ? ` (${plain(template)})` : ''}`, '', plain(reason), ''];
  if (verdict && verdict.metrics.length > 0) {
    lines.push('| metric | assessment | baseline | canary | harm | margin |', '| --- | --- | --- | --- | --- | --- |');
    lines.push(...verdict.metrics.map(row), '');
    lines.push(...verdict.metrics.flatMap(remarks));
  }
  if (run !== null) lines.push(isLink(verdict?.url) ? `[run ${plain(run)}](<${verdict?.url}>)` : `run ${plain(run)}`, '');
  return `${lines.join('\n')}\n`;
}

const row = (metric: MetricAnswer): string =>
  `| ${[metric.name, metric.assessment, sideInWords(metric, 'baseline'), sideInWords(metric, 'canary'), harmOf(metric), acceptedOf(metric)].map(plain).join(' | ')} |`;

function remarks({ name, missing, warnings, traces }: MetricAnswer): string[] {
  const said = [...(missing === null ? [] : [missing]), ...warnings].map((remark) => `- ${plain(`${name}: ${remark}`)}`);
  const seen =
    traces.length > 0 ? [`- ${plain(name)}, traces to open: ${traces.map((id) => `\`${id.replace(/\W/g, '')}\``).join(' ')}`] : [];
  return said.length + seen.length > 0 ? [...said, ...seen, ''] : [];
}

const isLink = (url: string | undefined): boolean => url !== undefined && /^https?:\/\/[^\s<>]+$/.test(url);

/** What others wrote stays text: no tables, links, mentions or HTML come out of it. */
const plain = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[\\`*_[\]<>|#~!&]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/@/g, '@\u200b')
    .trim();
