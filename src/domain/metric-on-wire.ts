import type { Assessment, Evidence, JudgedOnce, KayentaFinding, MissingData } from './evidence.js';
import { type ClassicTest, notUnderPeeking } from './judge-rule.js';
import type { Role } from './template.js';
import type { Exemplar } from './window.js';
import { eValueOf, finiteOrNull } from './wire-number.js';

/** What a judge that decides once found; a field that its judge does not have is null. */
export interface JudgedOnceOnWire {
  readonly judge: JudgedOnce['judge'];
  /** always: these numbers hold for one look, fixed in advance */
  readonly label: typeof notUnderPeeking;
  /** `kayenta`, or the name of the test */
  readonly test: 'kayenta' | ClassicTest;
  readonly classification: KayentaFinding['classification'];
  readonly critical: boolean | null;
  readonly meanRatio: number | null;
  readonly pHarm: number | null;
  readonly pHarmAdjusted: number | null;
  readonly pSafe: number | null;
  readonly seed: number | null;
}

/** A trace worth opening, as everybody outside sees it. */
export interface ExemplarOnWire {
  readonly traceId: string;
  readonly kind: Exemplar['kind'];
  /** how long its span took */
  readonly seconds: number | null;
  /** ISO 8601: when its span ended */
  readonly at: string;
}

/** One metric as everybody outside sees it: API, webhooks and the command line speak of it in the same words. */
export interface MetricOnWire {
  readonly name: string;
  readonly role: Role;
  readonly assessment: Assessment;
  /** canary against baseline, turned so that positive is worse; a bound that is not there yet is null */
  readonly harm: { readonly low: number | null; readonly high: number | null };
  /** largest harm accepted at the present baseline, on the scale of `harm` */
  readonly margin: number | null;
  readonly estimate: number | null;
  readonly scale: Evidence['effectKind'];
  readonly unit: string;
  readonly baseline: { readonly count: number; readonly value: number | null };
  readonly canary: { readonly count: number; readonly value: number | null };
  /** e-values ≥ 0, and their natural logarithms */
  readonly evidence: { readonly harm: number; readonly safe: number; readonly logHarm: number | null; readonly logSafe: number | null };
  readonly neededObservations: number | null;
  readonly missing: MissingData | null;
  /** null where evidence decides that holds at every look */
  readonly judgedOnce: JudgedOnceOnWire | null;
  /** traces of the canary that show a proven harm, the most telling first */
  readonly exemplars: readonly ExemplarOnWire[];
  readonly warnings: readonly string[];
}

/** What Assay says of one metric, with every bound that is not there yet as null. */
export function metricOnWire(metric: Evidence): MetricOnWire {
  const { name, role, assessment, effect, effectKind, unit, logHarm, logSafe, missing } = metric;
  return {
    name,
    role,
    assessment,
    harm: { low: finiteOrNull(effect.low), high: finiteOrNull(effect.high) },
    margin: finiteOrNull(metric.margin),
    estimate: finiteOrNull(effect.estimate),
    scale: effectKind,
    unit,
    baseline: cohortOnWire(metric.baseline),
    canary: cohortOnWire(metric.canary),
    evidence: { harm: eValueOf(logHarm), safe: eValueOf(logSafe), logHarm: finiteOrNull(logHarm), logSafe: finiteOrNull(logSafe) },
    neededObservations: finiteOrNull(metric.neededObservations),
    missing: missing && { cause: missing.cause, policy: missing.policy, detail: missing.detail },
    judgedOnce: metric.once === undefined ? null : judgedOnceOnWire(metric.once),
    exemplars: (metric.exemplars ?? []).map(exemplarOnWire),
    warnings: [...metric.warnings],
  };
}

const exemplarOnWire = ({ traceId, kind, seconds, at }: Exemplar): ExemplarOnWire => ({
  traceId,
  kind,
  seconds: finiteOrNull(seconds),
  at: new Date(at).toISOString(),
});

function judgedOnceOnWire(once: JudgedOnce): JudgedOnceOnWire {
  const shared = { judge: once.judge, label: notUnderPeeking } as const;
  const nothing = { classification: null, critical: null, meanRatio: null, pHarm: null, pHarmAdjusted: null, pSafe: null, seed: null };
  if (once.judge === 'kayenta') {
    const { classification, critical, meanRatio } = once;
    return { ...shared, test: 'kayenta', ...nothing, classification, critical, meanRatio: finiteOrNull(meanRatio) };
  }
  const { test, pHarm, pHarmAdjusted, pSafe, seed } = once;
  const numbers = { pHarm: finiteOrNull(pHarm), pHarmAdjusted: finiteOrNull(pHarmAdjusted), pSafe: finiteOrNull(pSafe) };
  return { ...shared, test, ...nothing, ...numbers, seed };
}

const cohortOnWire = ({ count, value }: Evidence['baseline']): MetricOnWire['baseline'] => ({
  count: finiteOrNull(count) ?? 0,
  value: finiteOrNull(value),
});
