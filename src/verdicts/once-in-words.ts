import { type Evidence, type KayentaFinding, notUnderPeeking, type Template, type TestFinding } from '../domain/index.js';
import { asMeasured, difference, grouped, inSeconds, quantity } from './quantity.js';

interface OnceSituation {
  readonly template: Template;
  readonly elapsedSeconds: number;
  /** the metrics that gate */
  readonly evidence: readonly Evidence[];
  readonly etaSeconds: number | null;
  readonly score?: number;
}

const judgeNames = { kayenta: "Kayenta's judge", 'fixed-horizon': 'tests with a fixed horizon' } as const;

/** Before a judge that decides once has its say: when it will, and why nobody is shown more. */
export function beforeHorizonInWords({ template, evidence, etaSeconds, score }: OnceSituation): string {
  const { judge } = template;
  const name = judgeNames[judge?.kind ?? 'fixed-horizon'];
  const left = etaSeconds === null ? '' : `, in ${inSeconds(etaSeconds)}`;
  const atEveryLook = judge?.kind === 'kayenta' && judge.decide === 'at-every-look';
  if (atEveryLook && evidence.some(isShown))
    return `Kayenta score ${score} so far, rollback below ${judge.marginal}: promote only at the deadline${left}; judged at every look, ${notUnderPeeking}`;
  return `judged once, at the deadline${left}: ${name} ${judge?.kind === 'kayenta' ? 'is' : 'are'} ${notUnderPeeking}, so that no number is shown before`;
}

/** Kayenta's score, and in full what failed. */
export function kayentaInWords({ template, evidence, score }: OnceSituation): string {
  const { judge } = template;
  const bounds = judge?.kind === 'kayenta' ? `promote from ${judge.pass}, rollback below ${judge.marginal}` : '';
  const passes = (metric: Evidence): boolean => metric.once?.judge === 'kayenta' && metric.once.classification === 'Pass';
  const failed = evidence.filter((metric) => !passes(metric));
  const passed = evidence.filter(passes).map(({ name }) => name);
  const what =
    failed.length === 0
      ? `no difference found in ${passed.join(', ')}`
      : `${passed.length} of ${evidence.length} pass; ${failed.map(metricOf).join('; ')}`;
  const often = judge?.kind === 'kayenta' && judge.decide === 'at-every-look' ? 'judged at every look, ' : '';
  return `Kayenta score ${score} of 100 (${bounds}; ${often}${notUnderPeeking}): ${what}`;
}

const metricOf = (metric: Evidence): string => (metric.once?.judge === 'kayenta' ? kayentaMetricInWords(metric, metric.once) : metric.name);

/** `error-rate: High (critical), windows of the canary have 1.9 % on average against 0.4 %, shift between 1.2 pp and 1.8 pp, 236 windows` */
export function kayentaMetricInWords(metric: Evidence, once: KayentaFinding): string {
  const { name, unit, baseline, canary, windows } = metric;
  const { low, high } = asMeasured(metric);
  const classification =
    once.classification === 'Pass' ? 'Pass (no difference found)' : `${once.classification}${once.critical ? ' (critical)' : ''}`;
  if (canary.value === null || baseline.value === null) return `${name}: ${classification}, nothing to compare`;
  const values = `windows of the canary have ${quantity(canary.value, unit)} on average against ${quantity(baseline.value, unit)}`;
  const shift = Number.isFinite(low) ? `, shift between ${difference(low, unit)} and ${difference(high, unit)}` : '';
  return `${name}: ${classification}, ${values}${shift}, ${grouped(windows)} windows`;
}

/** `two-proportion p 0.0002 for harm (0.0006 for all metrics), 1 for safe` */
export function testInWords(once: TestFinding | KayentaFinding): string {
  if (once.judge === 'kayenta') return '';
  const { test, pHarm, pHarmAdjusted, pSafe } = once;
  if (pHarm === null || pSafe === null) return `${test}: no evidence either way`;
  const adjusted = pHarmAdjusted === null || pHarmAdjusted === pHarm ? '' : ` (${chance(pHarmAdjusted)} for all metrics)`;
  return `${test} p ${chance(pHarm)} for harm${adjusted}, ${chance(pSafe)} for safe`;
}

/** Whether a look shows what was measured: before its horizon a judge that decides once shows counts only. */
export const isShown = ({ baseline, canary, once }: Evidence): boolean =>
  baseline.value !== null || canary.value !== null || (once?.judge === 'kayenta' && once.classification !== null);

export const notShownInWords = ({ name, baseline, canary }: Evidence): string =>
  `${name}: ${grouped(canary.count)} canary and ${grouped(baseline.count)} baseline observations so far, judged at the deadline`;

/** Two digits are enough to compare with an error rate. */
function chance(p: number): string {
  if (p >= 0.0001) return String(Number(p.toPrecision(2)));
  return p > 0 ? `1e${Math.ceil(Math.log10(p))} or less` : '0';
}
