import { judge } from '../../src/analysis/judge.js';
import type { MeasuredWindow, Verdict } from '../../src/domain/index.js';
import {
  bet2,
  bet2Increments,
  bet2Slope,
  bet2Stakes,
  betCount,
  logSumExp,
  predictablePhi,
  restartSchedule,
  riskDifferenceBounds,
  type TwoArmWindow,
} from '../../src/statistics/index.js';
import { parseTemplate } from '../../src/templates/index.js';

/** Requests and errors of canary and baseline in windows of 15 s. */
const counted = [
  [100, 4, 300, 1],
  [100, 7, 300, 2],
  [100, 6, 300, 0],
  [100, 8, 300, 1],
] as const;

const margin = { ratio: 1.25, offset: 0.001 };
const alpha = 0.01;
const cap = 0.5 * Math.log(1 / alpha);
/** The bet that is computed in full, and in which window. */
const shownBet = 10;
const shownWindow = 2;

const template = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: worked-example }
spec:
  schedule: { window: 15s, warmup: 0, minDuration: 0, deadline: 1h }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.001 }
`;

/** u of a bet: the k-th of 16, how many times the odds of an error it bets on. */
const displacement = (k: number): number => 0.05 * 92 ** (k / (betCount - 1));

/** The verdicts of the product's own judge on the same windows, one after each. */
export function verdictsOfTheJudge(): Verdict[] {
  const { template: read } = parseTemplate(template);
  if (read === null) throw new Error('the template of the example is wrong');
  const counts = (total: number, events: number) => ({ kind: 'counts', total, events, pods: {} }) as const;
  const windows = counted.map(([canaryTotal, canaryEvents, baselineTotal, baselineEvents], i): MeasuredWindow => {
    const measured = { canary: counts(canaryTotal, canaryEvents), baseline: counts(baselineTotal, baselineEvents) };
    const measurements = [{ metric: 'error-rate', ...measured, warnings: [] }];
    return { from: 15_000 * i, to: 15_000 * (i + 1), weight: null, phase: 0, measurements };
  });
  return windows.map((_, i) => judge({ template: read, from: new Date(0) }, windows.slice(0, i + 1)));
}

/** ln E for harm after each window, by the functions that the example explains. */
export function evidenceByHand(): number[] {
  const windows = withPhi();
  return windows.map((_, i) => bet2(windows.slice(0, i + 1), margin, 'harm', { cap, starts: startsOfRun() }).logE);
}

const startsOfRun = () => restartSchedule(3600 / 15);

function withPhi(): TwoArmWindow[] {
  const baseline = counted.map(([, , total, events]) => ({ total, events }));
  const canary = counted.map(([total, events]) => ({ total, events }));
  const phi = predictablePhi(baseline, [], canary);
  return counted.map(([canaryTotal, canaryEvents, baselineTotal, baselineEvents], i) => {
    return { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi: phi[i] ?? 1, base: 0 };
  });
}

/** The section of docs/statistics.md, every number computed by the product's functions. */
export function workedExample(): string {
  const windows = withPhi();
  return [
    dataInWords(windows),
    ...phiInWords(windows),
    ...betInWords(windows),
    ...capitalInWords(windows),
    ...verdictInWords(windows),
  ].join('\n\n');
}

function dataInWords(windows: readonly TwoArmWindow[]): string {
  const rows = windows.map((window, i) => [i + 1, window.canaryTotal, window.canaryEvents, window.baselineTotal, window.baselineEvents]);
  return `A service starts its first canary; a quarter of the traffic goes there. Windows of 15 s, a deadline of 1 h, one metric with
\`margin: { relative: 0.25, absolute: 0.001 }\`, and \`falseRollback: 0.01\`. What was counted:

${table(['window', 'canary requests', 'errors', 'baseline requests', 'errors'], rows)}`;
}

function phiInWords(windows: readonly TwoArmWindow[]): string[] {
  const sums = windows.map((_, i) => lessonsBefore(windows, i));
  const rows = sums.map(({ observed, expected }, i) => {
    const estimate = (observed + 8) / (expected + 4);
    const clusters = expected / 2 / estimate;
    return [i + 1, digits(observed, 0), digits(expected, 3), digits(estimate, 4), digits(clusters, 3), digits(windows[i]?.phi ?? 0, 4)];
  });
  return [
    `**1. How many errors come together (φ).** Two neighbouring windows of one cohort, of n requests each and with e₁ and e₂ errors, should differ by
(e₂ − e₁)² = 2 n m (1 − m) on average if errors come one by one, m being the share of errors in both. A is the sum of what was seen and B of what was to be
expected, over both cohorts and *before* the window. Then S = (A + 8)/(B + 4), clusters = B/(2 S), φ = max(1, S·(1 + 1/√(clusters + 1))):`,
    table(['window', 'A', 'B', 'S', 'clusters', 'φ'], rows),
  ];
}

function lessonsBefore(windows: readonly TwoArmWindow[], index: number): { observed: number; expected: number } {
  let [observed, expected] = [0, 0];
  for (let i = 1; i < index; i++) {
    const [earlier, later] = [windows[i - 1] as TwoArmWindow, windows[i] as TwoArmWindow];
    for (const cohort of ['canary', 'baseline'] as const) {
      const [total, before, after] = [later[`${cohort}Total`], earlier[`${cohort}Events`], later[`${cohort}Events`]];
      const share = (before + after) / (2 * total);
      observed += (after - before) ** 2;
      expected += 2 * total * share * (1 - share);
    }
  }
  return { observed, expected };
}

function betInWords(windows: readonly TwoArmWindow[]): string[] {
  const window = windows[shownWindow] as TwoArmWindow;
  const { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi } = window;
  const kappa = canaryTotal / baselineTotal;
  const stakes = bet2Stakes(kappa, 0, margin);
  const odds = Math.exp(displacement(shownBet));
  const slope = bet2Slope(stakes, odds, odds - 1);
  const { canaryEvent: gainOfEvent, canaryCalm: lossOfCalm, baselineEvent: lossOfEvent, baselineCalm: gainOfCalm } = stakes;
  const a = gainOfEvent * gainOfCalm - odds * lossOfCalm * lossOfEvent;
  const b = gainOfEvent + gainOfCalm + odds * (lossOfCalm + lossOfEvent);
  const terms = [
    [canaryEvents, `canary errors: ${canaryEvents} · ln(1 + sA)`, Math.log1p(slope * gainOfEvent)],
    [canaryTotal - canaryEvents, `canary, fine: ${canaryTotal - canaryEvents} · ln(1 − sC)`, Math.log1p(-slope * lossOfCalm)],
    [baselineEvents, `baseline errors: ${baselineEvents} · ln(1 − sD)`, Math.log1p(-slope * lossOfEvent)],
    [baselineTotal - baselineEvents, `baseline, fine: ${baselineTotal - baselineEvents} · ln(1 + sB)`, Math.log1p(slope * gainOfCalm)],
  ] as const;
  const sum = terms.reduce((total, [count, , gain]) => total + count * gain, 0);
  return [
    `**2. One bet in one window.** Bet ${shownBet + 1} of 16 in window ${shownWindow + 1} says that the odds of an error are e^u = ${digits(odds, 4)} times those at the margin (u = ${digits(displacement(shownBet), 4)}). κ = ${canaryTotal}/${baselineTotal}
canary requests come with each baseline request; θ = 1.25 and d = 0.001 are the margin. What an observation wins or loses for each unit staked:
A = 1 − d = ${digits(gainOfEvent, 4)} (a canary error wins), C = d = ${digits(lossOfCalm, 4)} (a canary request without one loses), D = θκ = ${digits(lossOfEvent, 4)} (a baseline error loses),
B = ${digits(gainOfCalm, 0)}. The stake s solves (1 + sA)(1 + sB) = e^u (1 − sC)(1 − sD): with a = AB − e^u CD = ${digits(a, 6)} and b = A + B + e^u (C + D) = ${digits(b, 4)} it is
s = 2 (e^u − 1)/(b + √(b² + 4a (e^u − 1))) = ${digits(slope, 4)}. Then:`,
    table(
      ['', 'wins, in nats'],
      [
        ...terms.map(([count, name, gain]) => [name, digits(count * gain, 4)]),
        ['sum', digits(sum, 4)],
        [`divided by φ = ${digits(phi, 4)}`, digits(sum / phi, 4)],
        [`at most ½ ln(1/0.01) = ${digits(cap, 4)}`, digits(Math.min(cap, sum / phi), 4)],
      ],
    ),
  ];
}

function capitalInWords(windows: readonly TwoArmWindow[]): string[] {
  const increments = windows.map((window) => bet2Increments(window, margin, 'harm', cap));
  const sums = new Float64Array(betCount);
  const columns = increments.map((increment) => {
    for (let k = 0; k < betCount; k++) sums[k] = (sums[k] as number) + (increment[k] as number);
    return Float64Array.from(sums);
  });
  const rows = Array.from({ length: betCount }, (_, k) => [
    k + 1,
    digits(Math.exp(displacement(k)), 2),
    ...columns.map((column) => digits(column[k] as number, 3)),
  ]);
  const means = columns.map((column) => Math.exp(logSumExp(column)) / betCount);
  const [first] = startsOfRun();
  const atWork = first?.weight ?? 1;
  const heads = windows.map((_, i) => `after ${i + 1}`);
  const rowOf = (name: string, values: readonly string[]) => [name, '', ...values];
  return [
    `**3. All bets, all windows.** The same for each bet and each window, added up from the top of the run:`,
    table(
      ['bet', 'e^u', ...heads],
      [
        ...rows,
        rowOf(
          'mean capital',
          means.map((mean) => digits(mean, 3)),
        ),
        rowOf(
          'E',
          means.map((mean) => digits(atWork * mean + 1 - atWork, 3)),
        ),
        rowOf(
          'ln E',
          means.map((mean) => digits(Math.log(atWork * mean + 1 - atWork), 3)),
        ),
      ],
    ),
    `*Mean capital* is the mean of e^sum over the 16 bets. Of the whole capital, ${digits(100 * atWork, 1)} % was laid on bets that begin with the run and the rest waits for
harm that begins later: E = ${digits(atWork, 4)} · mean + ${digits(1 - atWork, 4)}.`,
  ];
}

function verdictInWords(windows: readonly TwoArmWindow[]): string[] {
  const [harm, safe] = [bet2(windows, margin, 'harm', { cap, starts: startsOfRun() }).logE, bet2(windows, margin, 'safe').logE];
  const { low, high } = riskDifferenceBounds(windows, 0.05, 0);
  const verdicts = verdictsOfTheJudge();
  const reason = verdicts.at(-1)?.reason ?? '';
  return [
    `**4. The verdict.** ${verdicts.map(({ decision }, i) => `after window ${i + 1} ${decision}`).join(', ')}: E = ${digits(Math.exp(harm), 1)} is ${harm >= Math.log(1 / alpha) ? 'at least' : 'below'} 1/0.01 = 100. Had the
canary been within its margin, the capital would have reached that in at most one run of a hundred, however often somebody looked. The bets on safety are at
E = ${digits(Math.exp(safe), 3)}; promote would need 20. Inverting the bets over the margin, the canary makes between ${digits(100 * low, 2)} and ${digits(100 * high, 2)} points more errors than the baseline.
What the service says of it:`,
    `> ${reason}`,
  ];
}

const digits = (value: number, decimals: number): string => (Object.is(value, -0) ? 0 : value).toFixed(decimals).replace('-', '−');

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
