import type { MetricAnswer, VerdictAnswer } from '../assay-client.js';
import { demoBudget } from './demo-template.js';

/** One canary as the table shows it. */
export interface BoardRow {
  readonly version: string;
  readonly about: string;
  /** null before the first answer */
  readonly verdict: VerdictAnswer | null;
}

export interface BoardHead {
  readonly elapsedSeconds: number;
  readonly requestsPerSecond: number;
  readonly canaryShare: number;
}

/** How a part is emphasised; plain text where colours are not wanted. */
export type Paint = (tone: 'good' | 'bad' | 'quiet' | 'strong', text: string) => string;

/** ln of the e-value at which a metric is safe. */
const safeAt = Math.log(1 / demoBudget.falsePromote);

const columns = { version: 9, looks: 7, decision: 11, widestMetric: 19 };
const barLength = 6;

/**
 * The table: a line for each canary, a bar for each metric, and what the newest verdicts say.
 *
 * @param width  of the screen in characters; narrow ones get no bars and shorter names
 */
export function board(rows: readonly BoardRow[], head: BoardHead, paint: Paint, width: number): string {
  const metrics = metricColumns(rows, width);
  const cells = ['canary'.padEnd(columns.version), 'looks'.padEnd(columns.looks), 'decision'.padEnd(columns.decision)];
  const header = [...cells, ...metrics.names.map((name) => cut(name, metrics.width - 1).padEnd(metrics.width))].join('');
  const say = (text: string): string => paint('quiet', cut(`  ${text}`, width - 1));
  return [
    say(headline(head)),
    '',
    say(header),
    ...rows.map((row) => `  ${lineOf(row, metrics, paint)}`),
    '',
    ...rows.map(({ version, verdict }) => say(`${version}  ${verdict?.reason ?? waiting}`)),
  ].join('\n');
}

interface MetricColumns {
  readonly names: readonly string[];
  readonly width: number;
}

function metricColumns(rows: readonly BoardRow[], width: number): MetricColumns {
  const names = [...new Set(rows.flatMap(({ verdict }) => verdict?.metrics.map(({ name }) => name) ?? []))];
  const left = width - 3 - columns.version - columns.looks - columns.decision;
  return { names, width: Math.max(10, Math.min(columns.widestMetric, Math.floor(left / Math.max(1, names.length)))) };
}

const waiting = 'waiting for the first window';

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text);

/** The same for a log: one short line for each canary. */
export function boardLines(rows: readonly BoardRow[], { elapsedSeconds }: BoardHead): string {
  const seconds = `${Math.round(elapsedSeconds)} s`.padStart(6);
  return rows
    .map(({ version, verdict }) => {
      if (!verdict) return `${seconds}  ${version}  ${waiting}`;
      const metrics = verdict.metrics.map((metric) => `${metric.name} ${standingOf(metric, verdict).text}`);
      return `${seconds}  ${version}  ${verdict.decision.padEnd(8)}  ${verdict.looks} looks  ${metrics.join(', ')}`;
    })
    .join('\n');
}

function headline({ elapsedSeconds, requestsPerSecond, canaryShare }: BoardHead): string {
  const share = `each canary gets ${Math.round(100 * canaryShare)} % of ${Math.round(requestsPerSecond)} requests/s`;
  return `shop: 1.4.2 against three canaries · ${Math.round(elapsedSeconds)} s · ${share}`;
}

function lineOf({ version, verdict }: BoardRow, columnsOfMetrics: MetricColumns, paint: Paint): string {
  const decision = (verdict?.decision ?? '…').padEnd(columns.decision);
  const metrics = columnsOfMetrics.names.map((name) => cellOf(verdict, name, columnsOfMetrics.width, paint));
  return [
    paint('strong', version.padEnd(columns.version)),
    String(verdict?.looks ?? 0).padEnd(columns.looks),
    verdict?.final ? paint(verdict.decision === 'promote' ? 'good' : 'bad', decision) : decision,
    ...metrics,
  ].join('');
}

function cellOf(verdict: VerdictAnswer | null, name: string, width: number, paint: Paint): string {
  const metric = verdict?.metrics.find((known) => known.name === name);
  if (!verdict || !metric) return paint('quiet', '·'.padEnd(width));
  const { toward, progress, text } = standingOf(metric, verdict);
  const full = Math.round(barLength * progress);
  const bar = width < barLength + 11 ? '' : `${'█'.repeat(full)}${'░'.repeat(barLength - full)} `;
  return paint(toward === 'safe' ? 'good' : toward === 'harm' ? 'bad' : 'quiet', `${bar}${text}`.padEnd(width));
}

interface Standing {
  readonly toward: 'safe' | 'harm' | 'neither';
  /** 0–1: how far the evidence has come on its way to a proof, on the logarithmic scale on which it grows */
  readonly progress: number;
  readonly text: string;
}

/** Which way the evidence of one metric points, and how far. Harm must be enough for the run, not for one metric alone. */
export function standingOf({ assessment, evidence }: MetricAnswer, { decision, metrics }: VerdictAnswer): Standing {
  if (assessment === 'safe') return { toward: 'safe', progress: 1, text: 'safe' };
  if (assessment === 'harmful' && decision === 'rollback') return { toward: 'harm', progress: 1, text: 'harmful' };
  const safe = part(evidence.safe, safeAt);
  const harm = part(evidence.harm, Math.log(metrics.length / demoBudget.falseRollback));
  if (Math.max(safe, harm) <= 0) return { toward: 'neither', progress: 0, text: 'open' };
  return safe >= harm
    ? { toward: 'safe', progress: safe, text: `safe ${percent(safe)}` }
    : { toward: 'harm', progress: harm, text: `harm ${percent(harm)}` };
}

/** null is not known: no progress. */
function part(eValue: number | null, needed: number): number {
  return eValue === null ? 0 : Math.min(1, Math.max(0, Math.log(eValue) / needed));
}

const percent = (progress: number): string => `${Math.floor(100 * progress)} %`;
