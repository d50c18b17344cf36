// How each method named in a vector file is answered by our functions. Used by tools/vectors.mjs (compiled code) and by
// test/reference/vectors.spec.ts (source), so the functions are passed in.

const sideOf = (side) => (side > 0 ? 'harm' : 'safe');
const unbounded = (bound) => (Number.isFinite(bound) ? bound : null);
const alphas = ({ alphaLower, alphaUpper }) => ({ lower: alphaLower, upper: alphaUpper });
const dispersion = (inputs, index) => inputs.phiPerWindow?.[index] ?? inputs.phi ?? 1;
const marginOf = ({ ratio = 1, offset = 0 }) => ({ ratio, offset });
const counted = ([total, events]) => ({ total, events });

const twoArms = (inputs, base = inputs.base ?? 0) =>
  inputs.windows.map(([canaryTotal, canaryEvents, baselineTotal, baselineEvents], index) => {
    return { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi: dispersion(inputs, index), base };
  });

const specialMethods = (s) => ({
  normalCdf: ({ z }) => ({ value: s.normalCdf(z) }),
  normalQuantile: ({ p }) => ({ value: s.normalQuantile(p) }),
  logGamma: ({ x }) => ({ value: s.logGamma(x) }),
  regularizedIncompleteBeta: ({ x, a, b }) => ({ value: s.regularizedIncompleteBeta(x, a, b) }),
  regularizedLowerGamma: ({ a, x }) => ({ value: s.regularizedLowerGamma(a, x) }),
  studentTQuantile: ({ p, df }) => ({ value: s.studentTQuantile(p, df) }),
  chiSquareQuantile: ({ p, df }) => ({ value: s.chiSquareQuantile(p, df) }),
  betaQuantile: ({ p, a, b }) => ({ value: s.betaQuantile(p, a, b) }),
});

const bettingMethods = (s) => {
  const bet2 = (inputs) => s.bet2(twoArms(inputs), marginOf(inputs), sideOf(inputs.side ?? 1), { cap: inputs.cap });
  return {
    'bet2.slope': ({ u, kappa, base = 0, ...margin }) => {
      const stakes = s.bet2Stakes(kappa, base, marginOf(margin));
      const { canaryEvent: A, baselineCalm: B, canaryCalm: C, baselineEvent: D } = stakes;
      return { s: s.bet2Slope(stakes, Math.exp(u), Math.expm1(u)), A, B, C, D };
    },
    'bet2.logE': bet2,
    'bet2.logE.phiPerWindow': bet2,
    'bet2.poissonLogE': (inputs) => {
      const windows = inputs.windows.map(([canaryExposure, canaryEvents, baselineExposure, baselineEvents], index) => {
        return { canaryExposure, canaryEvents, baselineExposure, baselineEvents, phi: dispersion(inputs, index) };
      });
      return s.bet2Poisson(windows, marginOf(inputs), sideOf(inputs.side ?? 1), { cap: inputs.cap });
    },
    'bet2.restartMixture': (inputs) => {
      const { cumulativeWeight, starts: indexes, cap } = inputs;
      const share = (1 - cumulativeWeight) / indexes.length;
      const starts = indexes.map((index) => ({ index, weight: index === 0 ? cumulativeWeight + share : share }));
      return s.bet2(twoArms(inputs), marginOf(inputs), sideOf(inputs.side ?? 1), { cap, starts });
    },
    'bet1.logE': (inputs) => {
      const windows = inputs.windows.map((window, index) => ({ ...counted(window), phi: dispersion(inputs, index) }));
      return s.bet1(windows, inputs.threshold, sideOf(inputs.side ?? 1), { cap: inputs.cap });
    },
    'bet2.relativeRiskBounds': (inputs) => {
      const { low, high } = s.relativeRiskBounds(twoArms(inputs), alphas(inputs), 1e-9);
      return { lower: low, upper: unbounded(high) };
    },
    'bet2.riskDifferenceBounds': (inputs) => {
      const { low, high } = s.riskDifferenceBounds(twoArms(inputs), alphas(inputs), inputs.baseRef ?? 0, 1e-9);
      return { lower: low === -1 ? null : low, upper: high === 1 ? null : high };
    },
    'exceedance.histogram': (inputs) => exceedance(s, inputs),
  };
};

function exceedance(s, inputs) {
  const { upperBounds, lastBucketUnbounded = true, reference, side = 1, tailProbability, cap } = inputs;
  const histogram = (counts) => ({ kind: 'explicit', bounds: upperBounds, counts: lastBucketUnbounded ? counts : [...counts, 0] });
  const arms = inputs.windows.map(({ canary, baseline }) =>
    s.exceedance({ canary: histogram(canary), baseline: histogram(baseline), reference, margin: marginOf(inputs), side: sideOf(side) }),
  );
  const counts = arms.map((arm) => [arm.canaryTotal, arm.canaryEvents, arm.baselineTotal, arm.baselineEvents]);
  const windows = twoArms({ ...inputs, windows: counts }, tailProbability);
  const { logE } = s.bet2(windows, { ratio: 1, offset: 0 }, sideOf(side), { cap });
  return { canaryThreshold: unbounded(arms[0].canaryThreshold), counts, logE };
}

const dependenceMethods = (s) => ({
  'phi.windowDifferences': ({ windows }) => s.windowDispersion(windows.map(counted)),
  'tau.pods': ({ pods, ratio, canaryPods, baselinePods, alphaTau }) => {
    const { tau } = s.podHeterogeneity(pods.map(counted));
    return { tau, effectiveRatio: s.effectiveRatio(ratio, tau, { canaryPods, baselinePods, alpha: alphaTau }) };
  },
  clusterRatio: ({ clusters }) => s.clusterRatio(clusters.map(counted)),
  counterIncrease: ({ samples }) => s.counterIncrease(samples),
});

const decisionMethods = (verdictOf) =>
  verdictOf && {
    verdict: (inputs) => {
      const metrics = inputs.metrics.map(({ role, weight, eHarm, eSafe }) => ({
        role,
        weight,
        logHarm: Math.log(eHarm),
        logSafe: Math.log(eSafe),
      }));
      const { decision, code } = verdictOf({
        metrics,
        elapsedSeconds: inputs.elapsedSec,
        warmup: inputs.warmup ?? false,
        budget: { falseRollback: inputs.alphaRollback, falsePromote: inputs.alphaPromote },
        minDurationSeconds: inputs.minDurationSec ?? 0,
        deadlineSeconds: inputs.deadlineSec ?? Infinity,
        onDeadline: inputs.onDeadline ?? 'hold',
      });
      return { verdict: decision, reason: code };
    },
  };

/** Every method that can be answered, by its name in vector files: inputs in, an object with the expected fields out. */
export function methodsOf(statistics, verdictOf) {
  return {
    ...specialMethods(statistics),
    ...bettingMethods(statistics),
    ...dependenceMethods(statistics),
    ...decisionMethods(verdictOf),
  };
}
