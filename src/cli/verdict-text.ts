import { styleText } from 'node:util';
import { type Decision, type Evidence, eValueOf, finiteOrNull, type Look, type Verdict } from '../domain/index.js';
import { inSeconds, metricInWords } from '../verdicts/index.js';

const colours = { promote: 'green', hold: 'yellow', rollback: 'red' } as const;

/** The decision as people see it: coloured where the stream shows colours. */
export const painted = (decision: Decision, stream: NodeJS.WriteStream): string => styleText(colours[decision], decision, { stream });

/** One look on one line: `look 12   60 s  hold      insufficient-evidence   error-rate harm 0.2 safe 3.1 · …` */
export function lookLine({ sequence, verdict }: Look, stream: NodeJS.WriteStream): string {
  const { decision, code, elapsedSeconds, evidence } = verdict;
  const padding = ' '.repeat(Math.max(0, 8 - decision.length));
  const metrics = evidence.map(({ name, logHarm, logSafe }) => `${name} harm ${shortened(logHarm)} safe ${shortened(logSafe)}`).join(' · ');
  return `look ${String(sequence).padStart(3)}  ${inSeconds(elapsedSeconds).padStart(6)}  ${painted(decision, stream)}${padding}  ${code.padEnd(21)}  ${metrics}`;
}

/** The final verdict with its reason and what each metric says. */
export function verdictLines({ decision, code, reason, score, evidence, elapsedSeconds }: Verdict, stream: NodeJS.WriteStream): string {
  const metrics = evidence.map((metric) => `  ${metric.assessment.padEnd(9)}  ${metricInWords(metric)}`);
  const warnings = [...new Set(evidence.flatMap((metric) => metric.warnings))].map((warning) => `  warning    ${warning}`);
  return [
    `${painted(decision, stream)} (${code}) after ${inSeconds(elapsedSeconds)}, score ${score}`,
    `  ${reason}`,
    '',
    ...metrics,
    ...warnings,
  ].join('\n');
}

/** A verdict for machines, in the words of the verdict API. */
export function verdictJson({ decision, final, code, reason, score, evidence, elapsedSeconds }: Verdict): Record<string, unknown> {
  return { decision, final, code, reason, score, elapsedSeconds, metrics: evidence.map(metricJson) };
}

function metricJson(metric: Evidence): Record<string, unknown> {
  const { name, role, assessment, unit, effect, effectKind, margin, baseline, canary, logHarm, logSafe, missing, warnings } = metric;
  return {
    name,
    role,
    assessment,
    harm: { low: finiteOrNull(effect.low), high: finiteOrNull(effect.high) },
    margin: finiteOrNull(margin),
    estimate: finiteOrNull(effect.estimate),
    scale: effectKind,
    unit,
    baseline: { count: baseline.count, value: finiteOrNull(baseline.value) },
    canary: { count: canary.count, value: finiteOrNull(canary.value) },
    evidence: { harm: eValueOf(logHarm), safe: eValueOf(logSafe) },
    missing,
    warnings,
  };
}

/** An e-value in a few characters: 0.03, 4.1, 5200, 1e12. */
function shortened(log: number): string {
  if (log > Math.log(1e5)) return `1e${Math.floor(log / Math.LN10)}`;
  if (log < Math.log(1e-4)) return '0';
  return String(Number(Math.exp(log).toPrecision(2)));
}
