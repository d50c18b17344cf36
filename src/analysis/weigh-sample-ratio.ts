import type { GuardFinding, MeasuredWindow, SampleRatioGuard, Template } from '../domain/index.js';
import { dispersionOverScales, splitEvidence } from '../statistics/index.js';
import { grouped, quantity } from '../verdicts/index.js';
import { alarmLogE, totalOf } from './guarding.js';

/** Windows under one declared weight. */
interface Stretch {
  readonly weight: number;
  /** observations of both cohorts in each window that has any */
  readonly counts: { readonly canary: number; readonly baseline: number }[];
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
  const weighed = stretchesOf(windows, schedule.warmupSeconds).map((stretch) => ({ ...stretch, ...weighStretch(stretch, tolerance) }));
  const [worst] = weighed.toSorted((a, b) => b.logE - a.logE);
  if (!worst) return null;
  const logE = weighed.reduce((sum, stretch) => sum + stretch.logE, 0);
  const share = quantity(worst.canary / (worst.canary + worst.baseline), 'ratio');
  const detail = `the canary got ${share} of ${grouped(worst.canary + worst.baseline)} observations, declared ${quantity(worst.weight, 'ratio')}`;
  return { guard: 'sample-ratio', logE, alarm: logE >= alarmLogE, detail };
}

function weighStretch({ weight, counts }: Stretch, tolerance: number): { canary: number; baseline: number; logE: number } {
  const noise = dispersionOverScales();
  for (const { canary, baseline } of counts) {
    const share = canary / (canary + baseline);
    noise.learn({ value: share, share, weight: canary + baseline });
  }
  const phi = noise.phi();
  const canary = counts.reduce((sum, window) => sum + window.canary, 0);
  const baseline = counts.reduce((sum, window) => sum + window.baseline, 0);
  const band = Math.min(tolerance, weight / 2, (1 - weight) / 2);
  return { canary, baseline, logE: splitEvidence({ canary: canary / phi, baseline: baseline / phi }, weight, band) };
}

/** A weight that was declared on the way needs time to take effect, as long as a fresh canary gets. */
function stretchesOf(windows: readonly MeasuredWindow[], settlingSeconds: number): Stretch[] {
  const stretches: Stretch[] = [];
  let weight: number | null = null;
  let from = 0;
  windows.forEach((window, index) => {
    if (index === 0 || window.weight !== weight) {
      weight = window.weight;
      from = index === 0 ? window.from : window.from + settlingSeconds * 1000;
      if (weight !== null && weight > 0 && weight < 1) stretches.push({ weight, counts: [] });
    }
    const isDeclared = weight !== null && weight > 0 && weight < 1;
    if (!isDeclared || !window.traffic || window.from < from) return;
    const [canary, baseline] = [totalOf(window.traffic.canary), totalOf(window.traffic.baseline)];
    if (canary + baseline > 0) stretches.at(-1)?.counts.push({ canary, baseline });
  });
  return stretches.filter(({ counts }) => counts.length > 0);
}
