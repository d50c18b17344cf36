import { styleText } from 'node:util';
import { type Decision, type Evidence, type GuardFinding, guardOnWire, type Look, metricOnWire, type Verdict } from '../domain/index.js';
import { inSeconds, metricInWords } from '../verdicts/index.js';

const colours = { promote: 'green', hold: 'yellow', rollback: 'red' } as const;

/** The decision as people see it: coloured where the stream shows colours. */
export const painted = (decision: Decision, stream: NodeJS.WriteStream): string => styleText(colours[decision], decision, { stream });

/** One look on one line: `look 12   60 s  hold      insufficient-evidence   error-rate harm 0.2 safe 3.1 · …` */
export function lookLine({ sequence, verdict }: Look, stream: NodeJS.WriteStream): string {
  const { decision, code, elapsedSeconds, evidence } = verdict;
  const padding = ' '.repeat(Math.max(0, 8 - decision.length));
  const metrics = evidence.map((metric) => `${metric.name} ${standingOf(metric)}`).join(' · ');
  return `look ${String(sequence).padStart(3)}  ${inSeconds(elapsedSeconds).padStart(10)}  ${painted(decision, stream)}${padding}  ${code.padEnd(21)}  ${metrics}`;
}

/** `harm 0.2 safe 3.1`; of a judge that decides once what it found, and counts until then. */
function standingOf({ logHarm, logSafe, once, baseline, canary }: Evidence): string {
  if (!once) return `harm ${shortened(logHarm)} safe ${shortened(logSafe)}`;
  if (once.judge === 'kayenta' && once.classification !== null) return once.classification;
  if (once.judge === 'fixed-horizon' && once.pHarm !== null && once.pSafe !== null)
    return `p harm ${once.pHarm.toPrecision(2)} safe ${once.pSafe.toPrecision(2)}`;
  return `${canary.count} of canary, ${baseline.count} of baseline`;
}

/** The final verdict with its reason and what each metric says. */
export function verdictLines(verdict: Verdict, stream: NodeJS.WriteStream): string {
  const { decision, code, reason, score, evidence, guards = [], elapsedSeconds } = verdict;
  const metrics = evidence.map((metric) => `  ${metric.assessment.padEnd(9)}  ${metricInWords(metric)}`);
  const warnings = [...new Set(evidence.flatMap((metric) => metric.warnings))].map((warning) => `  warning    ${warning}`);
  const traces = evidence.flatMap(({ name, exemplars = [] }) =>
    exemplars.map(({ traceId, kind, seconds }) => `  trace      ${traceId}  ${name}: ${kind}, ${inSeconds(seconds)}`),
  );
  const guarded = guards.map((found) => `  ${standingOfGuard(found)}  ${found.detail}`);
  return [
    `${painted(decision, stream)} (${code}) after ${inSeconds(elapsedSeconds)}, score ${score}`,
    `  ${reason}`,
    '',
    ...metrics,
    ...traces,
    ...guarded,
    ...warnings,
  ].join('\n');
}

const standingOfGuard = ({ alarm, suspected }: GuardFinding): string => (alarm ? 'alarm    ' : suspected ? 'suspected' : 'guard    ');

/** A verdict for machines, in the words of the verdict API. */
export function verdictJson(verdict: Verdict): Record<string, unknown> {
  const { decision, final, code, reason, score, evidence, guards = [], elapsedSeconds } = verdict;
  return { decision, final, code, reason, score, elapsedSeconds, metrics: evidence.map(metricOnWire), guards: guards.map(guardOnWire) };
}

/** An e-value in a few characters: 0.03, 4.1, 5200, 1e12. */
function shortened(log: number): string {
  if (log > Math.log(1e5)) return `1e${Math.floor(log / Math.LN10)}`;
  if (log < Math.log(1e-4)) return '0';
  return String(Number(Math.exp(log).toPrecision(2)));
}
