import { XMLBuilder } from 'fast-xml-parser';
import type { MetricAnswer, VerdictAnswer } from './assay-client.js';
import type { GateEnd } from './gate.js';
import { type GateStanding, metricFacts, standingOf } from './gate-report.js';

type Element = Readonly<Record<string, unknown>>;

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', textNodeName: '#text', format: true });

/**
 * The end of a gate as JUnit XML, which GitLab, Jenkins, Azure and GitHub's report actions show: a case for the verdict and one for
 * each metric. A metric that is harmful failed, one that is not decided was skipped; the verdict passes only with promote, fails with
 * rollback and hold, and is an error where there is none.
 */
export function junitOf(end: GateEnd): string {
  const standing = standingOf(end);
  const cases = [verdictCase(standing), ...(standing.verdict?.metrics ?? []).map((metric) => metricCase(metric, standing))];
  const count = (kind: string): number => cases.filter((one) => kind in one).length;
  const suite = {
    '@name': `assay ${suiteName(standing.verdict)}`,
    '@tests': cases.length,
    '@failures': count('failure'),
    '@errors': count('error'),
    '@skipped': count('skipped'),
    '@time': standing.verdict?.elapsedSeconds ?? 0,
    testcase: cases,
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(wellFormed({ testsuites: { testsuite: suite } }))}`;
}

function verdictCase({ outcome, reason, verdict }: GateStanding): Element {
  const named = { '@classname': `assay.${suiteName(verdict)}`, '@name': 'verdict', '@time': verdict?.elapsedSeconds ?? 0 };
  const out = verdict?.url ? { 'system-out': verdict.url } : {};
  if (outcome === 'promote') return { ...named, 'system-out': [reason, verdict?.url].filter(Boolean).join('\n') };
  const said = { '@message': reason, '@type': outcome, '#text': reason };
  return outcome === 'rollback' || outcome === 'hold' ? { ...named, failure: said, ...out } : { ...named, error: said, ...out };
}

function metricCase(metric: MetricAnswer, { outcome, verdict }: GateStanding): Element {
  const facts = metricFacts(metric);
  const named = { '@classname': `assay.${suiteName(verdict)}`, '@name': metric.name, '@time': 0 };
  if (metric.assessment === 'harmful' && metric.role !== 'informational')
    return { ...named, failure: { '@message': facts, '@type': 'harmful', '#text': [facts, ...metric.traces].join('\n') } };
  if (metric.assessment === 'safe' || outcome === 'promote') return { ...named, 'system-out': facts };
  return { ...named, skipped: { '@message': metric.missing ?? `${metric.assessment}: ${facts}` } };
}

const suiteName = (verdict: VerdictAnswer | null): string => verdict?.template.split('@')[0] || 'gate';

/** XML 1.0 cannot hold every character, not even escaped. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string')
    return value.toWellFormed().replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, ' ');
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wellFormed(part)]));
  return value;
}
