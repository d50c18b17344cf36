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

const columns = { version: 9, looks: 7, decision: 11, metric: 19 };

/** The table: a line for each canary, a bar for each metric, and what the newest verdicts say. */
export function board(rows: readonly BoardRow[], head: BoardHead, paint: Paint): string {
  const names = metricNames(rows);
  const cells = ['canary'.padEnd(columns.version), 'looks'.padEnd(columns.looks), 'decision'.padEnd(columns.decision)];
  const header = [...cells, ...names.map((name) => name.padEnd(columns.metric))].join('');
  return [
    paint('quiet', headline(head)),
    '',
    paint('quiet', `  ${header}`),
    ...rows.map((row) => `  ${lineOf(row, names, paint)}`),
    '',
    ...rows.map(({ version, verdict }) => paint('quiet', `  ${version}  ${verdict?.reason ?? 'waiting for the first window'}`)),
  ].join('\n');
}

/** The same for a log: one short line for each canary. */
export function boardLines(rows: readonly BoardRow[], { elapsedSeconds }: BoardHead): string {
  const seconds = `${Math.round(elapsedSeconds)} s`.padStart(6);
  return rows
    .map(({ version, verdict }) => {
      if (!verdict) return `${seconds}  ${version}  waiting for the first window`;
      const metrics = verdict.metrics.map((metric) => `${metric.name} ${standingOf(metric, verdict.metrics.length).text}`);
      return `${seconds}  ${version}  ${verdict.decision.padEnd(8)}  ${verdict.looks} looks  ${metrics.join(', ')}`;
    })
    .join('\n');
}

function headline({ elapsedSeconds, requestsPerSecond, canaryShare }: BoardHead): string {
  const share = `each canary gets ${Math.round(100 * canaryShare)} % of ${Math.round(requestsPerSecond)} requests/s`;
  return `  shop: 1.4.2 against three canaries · ${Math.round(elapsedSeconds)} s · ${share}`;
}

function lineOf({ version, verdict }: BoardRow, names: readonly string[], paint: Paint): string {
  const decision = (verdict?.decision ?? '…').padEnd(columns.decision);
  const metrics = names.map((name) => cellOf(verdict, name, paint));
  return [
    paint('strong', version.padEnd(columns.version)),
    String(verdict?.looks ?? 0).padEnd(columns.looks),
    verdict?.final ? paint(verdict.decision === 'promote' ? 'good' : 'bad', decision) : decision,
    ...metrics,
  ].join('');
}

function cellOf(verdict: VerdictAnswer | null, name: string, paint: Paint): string {
  const metric = verdict?.metrics.find((known) => known.name === name);
  if (!verdict || !metric) return paint('quiet', '·'.padEnd(columns.metric));
  const { toward, progress, text } = standingOf(metric, verdict.metrics.length);
  const full = Math.round(6 * progress);
  const bar = '█'.repeat(full) + '░'.repeat(6 - full);
  return paint(toward === 'safe' ? 'good' : toward === 'harm' ? 'bad' : 'quiet', `${bar} ${text}`.padEnd(columns.metric));
}

interface Standing {
  readonly toward: 'safe' | 'harm' | 'neither';
  /** 0–1: how far the evidence has come on its way to a proof, on the logarithmic scale on which it grows */
  readonly progress: number;
  readonly text: string;
}

/** Which way the evidence of one metric points, and how far. */
export function standingOf({ assessment, evidence }: MetricAnswer, metrics: number): Standing {
  if (assessment === 'safe') return { toward: 'safe', progress: 1, text: 'safe' };
  if (assessment === 'harmful') return { toward: 'harm', progress: 1, text: 'harmful' };
  const safe = part(evidence.safe, safeAt);
  const harm = part(evidence.harm, Math.log(metrics / demoBudget.falseRollback));
  if (Math.max(safe, harm) <= 0) return { toward: 'neither', progress: 0, text: 'open' };
  return safe >= harm
    ? { toward: 'safe', progress: safe, text: `safe ${percent(safe)}` }
    : { toward: 'harm', progress: harm, text: `harm ${percent(harm)}` };
}

/** An e-value beyond what JSON can hold is proof enough. */
function part(eValue: number | null, needed: number): number {
  return eValue === null ? 0 : Math.min(1, Math.max(0, Math.log(eValue) / needed));
}

const percent = (progress: number): string => `${Math.floor(100 * progress)} %`;

function metricNames(rows: readonly BoardRow[]): string[] {
  return [...new Set(rows.flatMap(({ verdict }) => verdict?.metrics.map(({ name }) => name) ?? []))];
}
