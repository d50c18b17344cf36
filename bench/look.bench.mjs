// What one look costs in pure mathematics: 480 windows × 10 metrics, weighed from scratch for harm (restart mixture, cap,
// predictable dispersion) and for safety. `npm run build`, then `node bench/look.bench.mjs`.
// The ratio to a fixed piece of arithmetic travels between machines; milliseconds do not.
import { bet2, predictablePhi, relativeRiskBounds, restartSchedule, riskDifferenceBounds } from '../dist/statistics/index.js';

const windowCount = 480;
const metricCount = 10;
const margin = { ratio: 1.1, offset: 0.0005 };
const starts = restartSchedule(windowCount);
const metrics = Array.from({ length: metricCount }, (_, metric) => windowsOf(seeded(metric + 1)));

const yardstick = best(oneMillionLogarithms);
report('yardstick: a million logarithms', yardstick);
report(`evidence, ${windowCount} windows × ${metricCount} metrics`, best(weighAll));
report(
  `difference bounds, one metric, ${windowCount} windows`,
  best(() => riskDifferenceBounds(metrics[0], 0.05, 0)),
);
report(
  `ratio bounds, one metric, ${windowCount} windows`,
  best(() => relativeRiskBounds(metrics[0], 0.05)),
);

function weighAll() {
  let sum = 0;
  for (const windows of metrics) {
    const phi = predictablePhi(windows.map((window) => ({ total: window.baselineTotal, events: window.baselineEvents })));
    const tempered = windows.map((window, w) => ({ ...window, phi: phi[w] }));
    sum += bet2(tempered, margin, 'harm', { cap: 2.3, starts }).logE + bet2(tempered, margin, 'safe').logE;
  }
  return sum;
}

function oneMillionLogarithms() {
  let sum = 0;
  for (let i = 1; i <= 1_000_000; i++) sum += Math.log1p(i * 1e-6);
  return sum;
}

function windowsOf(random) {
  return Array.from({ length: windowCount }, () => {
    const canaryTotal = 50 + Math.floor(60 * random());
    const baselineTotal = 1000 + Math.floor(900 * random());
    const canaryEvents = Math.floor(3 * random());
    const baselineEvents = 5 + Math.floor(30 * random());
    return { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi: 1, base: 0 };
  });
}

function seeded(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Milliseconds of the fastest of 15 runs, the first ones being warm-up. */
function best(work) {
  let fastest = Infinity;
  for (let i = 0; i < 15; i++) {
    const begun = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - begun);
  }
  return fastest;
}

function report(name, milliseconds) {
  const ratio = (milliseconds / yardstick).toFixed(2);
  process.stdout.write(`${name}: ${milliseconds.toFixed(2)} ms, ${ratio} of the yardstick\n`);
}
