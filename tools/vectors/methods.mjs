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

const asymptoticMethods = (s) => {
  const shapeOf = ({ alpha, alphaOpt = alpha, tOpt, oneSided = false }) => ({ alpha: alphaOpt, bestInformation: tOpt, oneSided });
  const selfNormalized = ({ differences, scale, delta0 = 0 }) => ({ logE: s.selfNormalizedLogE(differences, scale, delta0) });
  return {
    'acs.halfWidth': ({ t, variance, ...shape }) => {
      return { halfWidth: s.asymptoticHalfWidth(t, variance, shapeOf(shape)), rhoSquared: s.mixtureWidth(shapeOf(shape)) };
    },
    'acs.logE': ({ estimate, delta0 = 0, t, variance, ...shape }) => {
      return { logE: s.asymptoticLogE(estimate - delta0, t, variance, shapeOf(shape)) };
    },
    'acs.stratifiedMeans': (inputs) => stratifiedMeans(s, inputs),
    'selfNormalized.logE': selfNormalized,
    'selfNormalized.prewhitenedLogE': ({ differences, scale, delta0 = 0, rho }) => {
      return { logE: s.selfNormalizedLogE(differences, scale, delta0, rho) };
    },
    autocorrelation: ({ series, bandwidth = 0 }) => {
      return { ...s.autocorrelation(series), neweyWestBartlett: s.neweyWestVariance(series, bandwidth) };
    },
  };
};

function stratifiedMeans(s, { windows, tOpt, alphaTwoSided, alphaOneSided, ratio = 1, offset = 0 }) {
  const moments = ({ n, sum, sumSq }) => ({ count: n, mean: sum / n, variance: (sumSq - sum ** 2 / n) / (n - 1) });
  const pairs = windows.map(({ canary, baseline }) => ({ canary: moments(canary), baseline: moments(baseline) }));
  const means = s.StratifiedMeans.of(pairs).against({ ratio, offset });
  const { information: t, varianceWindow, varianceConservative } = means;
  const two = { alpha: alphaTwoSided, bestInformation: tOpt, oneSided: false };
  const one = { alpha: alphaOneSided, bestInformation: tOpt, oneSided: true };
  return {
    t,
    ...means,
    halfWidthTwoSidedWindow: s.asymptoticHalfWidth(t, varianceWindow, two),
    halfWidthOneSidedWindow: s.asymptoticHalfWidth(t, varianceWindow, one),
    halfWidthTwoSided: s.asymptoticHalfWidth(t, varianceConservative, two),
    halfWidthOneSided: s.asymptoticHalfWidth(t, varianceConservative, one),
  };
}

const quantileMethods = (s) => ({
  'betaBinomial.rankInterval': ({ n, p, alpha, nOpt }) => {
    const { low, high, r, logEAtLow } = s.rankInterval(n, p, alpha, nOpt);
    return { kLow: low, kHigh: high, r, logEAtKLow: logEAtLow };
  },
  'quantileInterval.raw': ({ values, p, alpha, nOpt }) => lowerUpper(s.sampleQuantileBounds(values, p, alpha, nOpt)),
  'quantileInterval.exponentialHistogram': ({ scale, offset, bucketCounts, zeroCount = 0, p, alpha, nOpt }) => {
    const histogram = { kind: 'exponential', scale, offset, zeroCount, counts: bucketCounts };
    return lowerUpper(s.histogramQuantileBounds(histogram, p, alpha, nOpt));
  },
  dkwTimeUniform: ({ n, alpha, A }) => {
    const { constant, epsilon } = s.quantileBand(n, alpha, A);
    return { C: constant, epsilon, paperC: 0.8 * Math.log(1612 / alpha) };
  },
});

const lowerUpper = ({ low, high }) => ({ lower: unbounded(low), upper: unbounded(high) });

const guardMethods = (s) => ({
  'srm.dirichletMultinomialLogE': ({ counts, expected, concentration }) => {
    const { statistic, p } = s.chiSquareFit(counts, expected);
    return { logE: s.sampleRatioEvidence(counts, expected, concentration), chiSquare: statistic, chiSquareP: p };
  },
  'srm.steps': ({ steps, concentration }) => {
    const perStep = steps.map(({ counts, expected }) => s.sampleRatioEvidence(counts, expected, concentration));
    return { logE: perStep.reduce((sum, logE) => sum + logE, 0), perStep };
  },
  'srm.toleranceBand': ({ canary, baseline, expectedShare, tolerance, concentration }) => {
    return { logE: s.splitEvidence({ canary, baseline }, expectedShare, tolerance, concentration) };
  },
});

const multiplicityMethods = (s) => ({
  eValues: ({ eValues, alpha, weights }) => {
    const weightedMean = Math.exp(s.weightedMeanEvidence(eValues.map(Math.log), weights));
    const closedMeanAdjusted = s.closedMeanAdjusted(eValues);
    return {
      weightedMean,
      rejectGlobal: weightedMean >= 1 / alpha,
      eBHRejected: s.eBenjaminiHochberg(eValues, alpha),
      closedMeanAdjusted,
      closedMeanRejected: closedMeanAdjusted.flatMap((eValue, position) => (eValue >= 1 / alpha ? [position] : [])),
    };
  },
  pAdjust: ({ p }) => {
    const { holm, benjaminiHochberg } = s.adjustedPValues(p);
    return { holm, bh: benjaminiHochberg };
  },
});

const classicMethods = (s) => {
  const ends = ({ low, high }) => [unbounded(low), unbounded(high)];
  const arms = ({ e1, n1, e2, n2 }) => [
    { events: e1, total: n1 },
    { events: e2, total: n2 },
  ];
  const mannWhitney = (method) => (inputs) => {
    const { x, y, confLevel: confidence, continuity } = inputs;
    const { u, pTwoSided, pGreater, interval } = s.mannWhitney(x, y, { method, confidence, continuity });
    const rEstimate = s.shiftRoot(x, y, 0, { continuity: 'none', tolerance: 1e-12 });
    return { U: u, pTwoSided, pGreater, ci: ends(interval), hodgesLehmannMedianOfDifferences: s.hodgesLehmann(x, y), rEstimate };
  };
  const kolmogorovSmirnov = (method) => (inputs) => {
    const { distance, p, distanceLess, pLess } = s.kolmogorovSmirnov(inputs.x, inputs.y, method);
    return { D: distance, p, Dless: distanceLess, pLessAsymptotic: pLess };
  };
  return {
    'mannWhitney.exact': mannWhitney('exact'),
    'mannWhitney.normal': mannWhitney('normal'),
    welchT: ({ x, y, confLevel }) => {
      const { interval, ...welch } = s.welchT(x, y, confLevel);
      const pooled = s.welchT(x, y, confLevel, 'pooled');
      return { ...welch, ci: ends(interval), pooledT: pooled.t, pooledDf: pooled.df, pooledP: pooled.pTwoSided };
    },
    twoProportionZ: (inputs) => {
      const plain = s.twoProportionZ(...arms(inputs), inputs.confLevel);
      const yates = s.twoProportionZ(...arms(inputs), inputs.confLevel, true);
      return {
        chi2: plain.chiSquare,
        p: plain.pTwoSided,
        pGreater: plain.pGreater,
        ci: ends(plain.interval),
        chi2Yates: yates.chiSquare,
        pYates: yates.pTwoSided,
        ciYates: ends(yates.interval),
      };
    },
    fisherExact: (inputs) => {
      const { pTwoSided, pGreater, oddsRatio, interval } = s.fisherExact(...arms(inputs), inputs.confLevel);
      return { pTwoSided, pGreater, oddsRatioCmle: unbounded(oddsRatio), orCi: ends(interval) };
    },
    'kolmogorovSmirnov.exact': kolmogorovSmirnov('exact'),
    'kolmogorovSmirnov.asymptotic': kolmogorovSmirnov('asymptotic'),
    bayesBetaBinomial: (inputs) => ({ probP1GreaterP2: s.betaBinomialSuperiority(...arms(inputs), marginOf(inputs), inputs.prior) }),
    quantileType7: ({ values, probs }) => ({ values: probs.map((p) => s.quantileType7(values, p)) }),
  };
};

const kayentaMethods = (s) => ({
  'kayenta.classify': ({ control, experiment, nan, outliers, factor, measure, ...settings }) => {
    const strategies = { nanStrategy: nan, outlierStrategy: outliers, outlierFactor: factor, effectMeasure: measure };
    const { shift, ...result } = s.kayentaClassify(control, experiment, { ...strategies, ...settings });
    return { ...result, ...shift };
  },
  'kayenta.iqrOutliers': ({ values, factor, reduceSensitivity = false }) => ({ outlier: s.iqrOutliers(values, factor, reduceSensitivity) }),
  'kayenta.score': ({ metrics, groupWeights = {}, passThreshold, marginalThreshold }) => {
    return s.kayentaScore(metrics, groupWeights, { pass: passThreshold, marginal: marginalThreshold });
  },
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
    ...asymptoticMethods(statistics),
    ...quantileMethods(statistics),
    ...guardMethods(statistics),
    ...multiplicityMethods(statistics),
    ...classicMethods(statistics),
    ...kayentaMethods(statistics),
    ...decisionMethods(verdictOf),
  };
}
