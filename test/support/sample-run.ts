import type { Evidence, MeasuredWindow, Run, Template, Verdict } from '../../src/domain/index.js';

/** A run of a small template, as the API would have made it. */
export function sampleRun(change: Partial<Run> = {}): Run {
  const createdAt = new Date('2026-03-01T12:00:00.000Z');
  return {
    id: 'run_01KJM00000AAAAAAAAAA',
    mode: 'live',
    state: 'running',
    template: sampleTemplate(),
    arguments: { service: 'checkout' },
    cohorts: {
      baseline: [{ attribute: 'service.version', operator: '=', value: '1.4.2' }],
      canary: [{ attribute: 'service.version', operator: '=', value: '1.5.0' }],
    },
    names: { baseline: '1.4.2', canary: '1.5.0' },
    labels: { pipeline: '4711' },
    phaseChanges: [{ at: createdAt, weight: 0.05, phase: 0 }],
    createdAt,
    from: createdAt,
    to: null,
    looks: 0,
    verdict: null,
    finishedAt: null,
    rerunOf: null,
    ...change,
  };
}

export function sampleTemplate(change: Partial<Template> = {}): Template {
  return {
    name: 'http-service',
    title: null,
    description: null,
    labels: {},
    hash: `sha256:${'9f2c'.repeat(16)}`,
    arguments: {},
    cohorts: { by: 'service.version', pod: null },
    schedule: {
      windowSeconds: 15,
      latenessSeconds: 5,
      warmupSeconds: 60,
      minDurationSeconds: 300,
      minSamples: 300,
      deadlineSeconds: 3600,
      onDeadline: 'hold',
      staleAfterSeconds: 300,
      bakeSeconds: 0,
    },
    budget: { falseRollback: 0.01, falsePromote: 0.05 },
    phases: [],
    metrics: [],
    ...change,
  };
}

export function sampleVerdict(change: Partial<Verdict> = {}): Verdict {
  return {
    decision: 'hold',
    final: false,
    code: 'insufficient-evidence',
    reason: 'not yet',
    score: 50,
    evidence: [sampleEvidence()],
    elapsedSeconds: 255,
    etaSeconds: null,
    ...change,
  };
}

/** Evidence before anything is known: the bounds are infinite. */
export function sampleEvidence(change: Partial<Evidence> = {}): Evidence {
  return {
    name: 'error-rate',
    metric: 'error-rate',
    role: 'critical',
    weight: 1,
    direction: 'increase',
    unit: 'ratio',
    assessment: 'undecided',
    logHarm: Number.NEGATIVE_INFINITY,
    logSafe: 0,
    effect: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, estimate: null },
    effectKind: 'difference',
    margin: 0.005,
    baseline: { count: 48_211, value: 0.004 },
    canary: { count: 5_120, value: 0.019 },
    enoughSamples: true,
    phi: 1,
    windows: 12,
    neededObservations: null,
    missing: null,
    warnings: [],
    ...change,
  };
}

export function sampleWindow(index: number, from = Date.parse('2026-03-01T12:00:00.000Z')): MeasuredWindow {
  return {
    from: from + index * 15_000,
    to: from + (index + 1) * 15_000,
    weight: 0.05,
    phase: 0,
    measurements: [
      {
        metric: 'error-rate',
        baseline: { kind: 'counts', total: 1000, events: 4, pods: { 'b-1': { total: 600, events: 1 }, 'a-2': { total: 400, events: 3 } } },
        canary: { kind: 'gap', cause: 'absent', detail: 'no series' },
        warnings: [],
      },
    ],
  };
}
