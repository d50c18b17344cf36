import type { GuardFinding, MeasuredWindow, SampleRatioGuard, Template } from '../domain/index.js';
import { dispersionOverScales, splitEvidence } from '../statistics/index.js';
import { grouped, quantity } from '../verdicts/index.js';
import { alarmLogE, totalOf } from './guarding.js';

/** What a weight that is over may bring, so that it never alarms alone. */
const mostOfPast = alarmLogE / 2;

/** Observations of both cohorts. */
interface Split {
  readonly canary: number;
  readonly baseline: number;
}

/** Windows under one declared weight. */
interface Stretch {
  readonly weight: number;
  /** windows that have any observations */
  readonly counts: Split[];
}

/**
 * Whether the canary gets the share of the traffic that was declared; null where none was, or nothing was seen under it.
 *
 * Evidence of each stretch of constant weight, multiplied. Within a stretch the counts are added up, as the claim is about
 * all of it, and divided by how much the split is seen to fluctuate: sessions stay on the side where they began.
 *
 * @param windows  those that are judged, oldest first
 */
export function weighSampleRatio(
  { tolerance }: SampleRatioGuard,
  { schedule }: Template,
  windows: readonly MeasuredWindow[],
): GuardFinding | null {
  const settlingSeconds = Math.max(schedule.warmupSeconds, settlingWindows * schedule.windowSeconds);
  const weighed = stretchesOf(windows, settlingSeconds).map((stretch) => ({ ...stretch, ...weighStretch(stretch, tolerance) }));
  const [worst] = weighed.toSorted((a, b) => b.logE - a.logE);
  if (!worst) return null;
  const logE = weighed.reduce(
    (sum, stretch, index) => sum + (index < weighed.length - 1 ? Math.min(stretch.logE, mostOfPast) : stretch.logE),
    0,
  );
  const share = quantity(worst.canary / (worst.canary + worst.baseline), 'ratio');
  const detail = `the canary got ${share} of ${grouped(worst.canary + worst.baseline)} observations, declared ${quantity(worst.weight, 'ratio')}`;
  return { guard: 'sample-ratio', logE, alarm: logE >= alarmLogE, detail };
}

/** The whole of a stretch must say it, and its newer half too: a split that has come right is no alarm any more. */
function weighStretch({ weight, counts }: Stretch, tolerance: number): Split & { readonly logE: number } {
  const noise = dispersionOverScales();
  for (const { canary, baseline } of counts) {
    const share = canary / (canary + baseline);
    noise.learn({ value: share, share, weight: canary + baseline });
  }
  const phi = noise.phi();
  const band = Math.min(tolerance, weight / 2, (1 - weight) / 2);
  const [whole, newer] = [sumOf(counts), sumOf(counts.slice(Math.floor(counts.length / 2)))];
  const evidence = ({ canary, baseline }: Split): number => splitEvidence({ canary: canary / phi, baseline: baseline / phi }, weight, band);
  return { ...whole, logE: Math.min(evidence(whole), evidence(newer)) };
}

/** Sessions end where they began, so a weight takes a while until it shows. */
const settlingWindows = 10;

const sumOf = (counts: readonly Split[]): Split => ({
  canary: counts.reduce((sum, { canary }) => sum + canary, 0),
  baseline: counts.reduce((sum, { baseline }) => sum + baseline, 0),
});

/** The windows of each declared weight, without those in which a new weight was not settled yet. */
function stretchesOf(windows: readonly MeasuredWindow[], settlingSeconds: number): Stretch[] {
  const stretches: Stretch[] = [];
  let weight: number | null = null;
  let from = 0;
  windows.forEach((window, index) => {
    if (index === 0 || window.weight !== weight) {
      weight = window.weight;
      from = window.from + settlingSeconds * 1000;
      if (weight !== null && weight > 0 && weight < 1) stretches.push({ weight, counts: [] });
    }
    const isDeclared = weight !== null && weight > 0 && weight < 1;
    if (!isDeclared || !window.traffic || window.from < from) return;
    const [canary, baseline] = [totalOf(window.traffic.canary), totalOf(window.traffic.baseline)];
    if (canary + baseline > 0) stretches.at(-1)?.counts.push({ canary, baseline });
  });
  return stretches.filter(({ counts }) => counts.length > 0);
}
