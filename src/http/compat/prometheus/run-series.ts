import { eValueOf, type Run, type Verdict } from '../../../domain/index.js';
import { type LabelMatcher } from './facade-question.js';

export type Labels = Readonly<Record<string, string>>;

/** One series at one moment. */
export interface SeriesValue {
  readonly labels: Labels;
  /** may be NaN and infinite, as in Prometheus */
  readonly value: number;
}

/** Everything the facade says of a run whose newest verdict is this one; null: no look was taken yet. */
export function seriesOf(run: Run, verdict: Verdict | null): SeriesValue[] {
  const about = labelsOf(run);
  const of = (name: string, value: number, more: Labels = {}): SeriesValue => ({ labels: { ...about, ...more, __name__: name }, value });
  const metrics = (verdict?.evidence ?? []).flatMap(({ name, effect, logHarm, logSafe }) => {
    const metric = { metric: name };
    return [
      of('assay_effect', effect.estimate ?? Number.NaN, metric),
      of('assay_ci_low', effect.low, metric),
      of('assay_ci_high', effect.high, metric),
      of('assay_evidence', eValueOf(logHarm), { ...metric, claim: 'harm' }),
      of('assay_evidence', eValueOf(logSafe), { ...metric, claim: 'safe' }),
    ];
  });
  return [
    of('assay_verdict', verdictNumber(verdict)),
    of('assay_score', verdict?.score ?? 50),
    of('assay_eta_seconds', verdict?.etaSeconds ?? Number.NaN),
    ...metrics,
  ];
}

/**
 * Not known is 0, and so is a run that somebody stopped: neither is ever a promote. Safe in one phase is not yet: who asks a number does not say
 * which weight it is about, and the first 1 ends an analysis that was to watch the phases after it.
 */
function verdictNumber(verdict: Verdict | null): number {
  if (verdict === null || verdict.decision === 'hold' || verdict.code === 'phase-safe') return 0;
  return verdict.decision === 'promote' ? 1 : -1;
}

/** What a run can be found by: its arguments and labels, and Assay's own names, which win. Without an `app` of its own, its service. */
export function labelsOf(run: Run): Labels {
  const given = Object.fromEntries([...labelled(run.arguments), ...labelled(run.labels)]);
  const app = given['app'] ?? given['service'] ?? '';
  const own = { app, template: run.template.name, run: run.id, baseline: run.names.baseline, canary: run.names.canary };
  return Object.fromEntries(Object.entries({ ...given, ...own }).filter(([, value]) => value !== ''));
}

const reserved: readonly string[] = ['metric', 'claim'];

const labelled = (texts: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(texts)
    .filter(([name]) => !name.startsWith('assay.'))
    .map(([name, value]): [string, string] => [name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^\d/, '_$&'), value])
    .filter(([name]) => !name.startsWith('__') && !reserved.includes(name));

export const isSelected = (labels: Labels, matchers: readonly LabelMatcher[]): boolean =>
  matchers.every(({ label, matches }) => matches(labels[label] ?? ''));

/** Whether runs answer the same question for the same application, so that only the newest one counts. */
export const sameQuestion = (run: Run): string =>
  JSON.stringify([run.template.name, labelsOf(run)['app'], labelsOf(run)['namespace'], Object.entries(run.arguments).sort()]);
