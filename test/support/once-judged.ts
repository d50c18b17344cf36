import { judge } from '../../src/analysis/judge.js';
import type { MeasuredWindow, Measurement, Sample, Template, Verdict } from '../../src/domain/index.js';
import { parseTemplate } from '../../src/templates/index.js';

/** A template of one or more metrics by its judge; everything else as a spec needs it. */
export function templateJudgedBy(judgeText: string, metrics: string, more = ''): Template {
  const { template, issues } = parseTemplate(`apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  judge: ${judgeText}
  schedule: { window: 60s, warmup: 2m, minDuration: 5m, minSamples: 100, deadline: 1h${more} }
  metrics:
${metrics}`);
  if (!template) throw new Error(JSON.stringify(issues));
  return template;
}

export const errorRate = (options = ''): string => `
    - { name: error-rate, role: critical, source: traces${options}, proportion: { of: { kind: server }, events: { status: error } } }
`;
export const latency = (options = ''): string => `
    - { name: latency, role: weighted, source: traces${options}, percentiles: { of: { kind: server }, at: [0.5, 0.95] } }
`;

export type Sides = Readonly<Record<string, { readonly baseline: Measurement['baseline']; readonly canary: Measurement['canary'] }>>;

const start = Date.UTC(2026, 10, 1);
const windowMs = 60_000;

/** Windows of a minute from the start of the run on. */
export const minutes = (
  count: number,
  sides: (minute: number) => Sides,
  weight: (minute: number) => number | null = () => null,
): MeasuredWindow[] =>
  Array.from({ length: count }, (_, minute) => ({
    from: start + minute * windowMs,
    to: start + (minute + 1) * windowMs,
    weight: weight(minute),
    phase: 0,
    measurements: Object.entries(sides(minute)).map(([metric, both]) => ({ metric, ...both, warnings: [] })),
  }));

export const verdictOn = (template: Template, windows: readonly MeasuredWindow[], lastWindow = false): Verdict =>
  judge({ template, from: new Date(start) }, windows, { lastWindow });

export const counts = (total: number, events: number): Sample => ({ kind: 'counts', total, events, pods: {} });

/** Durations around a median of so many milliseconds. */
export const durations = (median: number, count = 100): Sample => {
  const offset = Math.round(Math.log2(median / 1000) * 8) - 5;
  return {
    kind: 'distribution',
    histogram: {
      kind: 'exponential',
      scale: 3,
      zeroCount: 0,
      offset,
      counts: [1, 3, 8, 18, 40, 18, 8, 3, 1].map((share) => Math.round((share * count) / 100)),
    },
  };
};

export const absent = { kind: 'gap', cause: 'absent', detail: 'no telemetry' } as const;
