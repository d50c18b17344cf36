import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTemplate } from '../../templates/index.js';
import type { AssumedTraffic } from './assumed-traffic.js';
import { forecastInWords } from './forecast-in-words.js';
import { forecastTemplate, type PhaseForecast } from './forecast-template.js';
import { lintWithForecast } from './lint-with-forecast.js';

const written = (metrics: string, more = ''): string => `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0, minDuration: 0, minSamples: 1, deadline: 1h }
  metrics:
${metrics}${more}`;

const errors = (margin: string): string => `    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: shop }, events: { status: error } }
      ${margin}
`;

const traffic = (more: Partial<AssumedTraffic>): AssumedTraffic => ({
  requestsPerSecond: 100,
  requestsByMetric: {},
  share: null,
  levels: {},
  phi: 1,
  harm: 2,
  ...more,
});

function forecast(text: string, more: Partial<AssumedTraffic>): readonly PhaseForecast[] {
  const { template, issues } = parseTemplate(text);
  if (template === null) throw new Error(issues.map(({ message }) => message).join());
  return forecastTemplate(template, traffic(more)).phases;
}

const usual = errors('margin: { relative: 0.1, absolute: 0.0005 }');
const ladder = `  phases:
    - { weight: 0.05, margins: { error-rate: { relative: 2, absolute: 0.005 } } }
    - { weight: 0.2, margins: { error-rate: { relative: 1, absolute: 0.002 } } }
    - weight: 0.5
    - weight: 1
`;

describe('the forecast of a template', () => {
  // Minutes in which simulated rollouts were decided in the study (table H.7: errors 0.5 % that swing by half over the hour).
  it.each([
    [10, 0.5, 5, null, 3.5],
    [10, 0.5, 2, null, 38],
    [100, 0.05, 2, null, 18],
    [100, 0.5, 2, 27, 4.2],
    [1000, 0.05, 2, 15, 2.2],
    [1000, 0.5, 2, 3.2, 0.8],
  ])('says within a quarter or a window what the study found: %d requests/s, share %d, errors × %d', (rps, share, harm, safe, rollback) => {
    const [phase] = forecast(written(usual), { requestsPerSecond: rps, share, harm });
    const { safeSeconds, rollbackSeconds } = phase?.questions[0] ?? {};
    const near = (minutes: number): [number, number] => [45 * minutes - 15, 75 * minutes + 15];
    expect(rollbackSeconds).toBeGreaterThan(near(rollback)[0]);
    expect(rollbackSeconds).toBeLessThan(near(rollback)[1]);
    if (safe !== null) expect(safeSeconds).toBeGreaterThan(near(safe)[0]);
    if (safe !== null) expect(safeSeconds).toBeLessThan(near(safe)[1]);
  });

  it.each([
    ['{ relative: 0.5, absolute: 0.001 }', 15.5],
    ['{ relative: 1, absolute: 0.002 }', 4.8],
    ['{ relative: 2, absolute: 0.005 }', 1.8],
  ])('… and at 5 % for margin: %s', (margin, minutes) => {
    const [phase] = forecast(written(errors(`margin: ${margin}`)), { share: 0.05 });
    expect(Math.abs((phase?.promoteSeconds ?? 0) - 60 * minutes)).toBeLessThan(15 + 15 * minutes);
  });

  it('climbs the ladder of the phases, and needs nothing more where the canary has all the traffic', () => {
    const phases = forecast(written(usual, ladder), {});
    const times = phases.map(({ promoteSeconds }) => promoteSeconds ?? Infinity);
    expect(phases.map(({ weight }) => weight)).toEqual([0.05, 0.2, 0.5, 1]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[3]).toBe((times[2] ?? 0) + 15);
    expect(phases[3]?.questions[0]?.rollbackSeconds).toBeNull();
  });

  it('promotes a service that never fails only by its absolute margin: (ln 20 + 2) / d requests', () => {
    const never = { levels: { 'error-rate': 0 }, share: 0.5 };
    const [relative] = forecast(written(errors('margin: { relative: 0.1 }')), never);
    const [absolute] = forecast(written(errors('margin: { relative: 0.1, absolute: 0.001 }')), never);
    expect(relative?.promoteSeconds).toBeNull();
    expect(Math.abs((absolute?.promoteSeconds ?? 0) * 50 - (Math.log(20) + 2) / 0.001)).toBeLessThan(0.15 * 5000);
  });

  it('takes φ times as long for bursts, and a multiple of the time for a smaller share', () => {
    const seconds = (more: Partial<AssumedTraffic>): number => forecast(written(usual), more)[0]?.promoteSeconds ?? Infinity;
    expect(seconds({ share: 0.5, phi: 4 }) / seconds({ share: 0.5 })).toBeCloseTo(4, 1);
    expect(seconds({ share: 0.05 })).toBeGreaterThan(4 * seconds({ share: 0.5 }));
    expect(seconds({ share: 0.5, requestsByMetric: { 'error-rate': 10 } })).toBeGreaterThan(9 * seconds({ share: 0.5 }));
  });

  it('judges percentiles, limits, rates and falling shares', () => {
    const metrics = `    - name: latency
      role: critical
      source: traces
      percentiles: { of: { kind: server, service.name: shop }, at: [0.5, 0.99] }
      margin: { relative: 0.2 }
    - name: slow
      source: traces
      percentiles: { of: { kind: server, service.name: shop }, at: [0.99] }
      limit: 500ms
    - name: retries
      source: traces
      rate: { events: { kind: client, retry: 'true' }, per: { kind: server, service.name: shop } }
      margin: { relative: 0.5, absolute: 0.001 }
    - name: conversion
      source: traces
      proportion: { of: { kind: server, service.name: shop }, events: { sold: 'true' } }
      harm: decrease
      margin: { relative: 0.1 }
    - name: memory
      source: metrics
      gauge: { of: { metric: memory, service.name: shop } }
      margin: { relative: 0.2 }
`;
    const { template } = parseTemplate(written(metrics));
    if (template === null) throw new Error('the template is wrong');
    const said = forecastTemplate(template, traffic({ share: 0.5, levels: { slow: 0.08, conversion: 0.3 } }));
    const questions = said.phases[0]?.questions ?? [];
    expect(questions.map(({ name }) => name)).toEqual(['latency p50', 'latency p99', 'slow', 'retries', 'conversion']);
    for (const { safeSeconds, rollbackSeconds } of questions) {
      expect(safeSeconds).toBeGreaterThan(0);
      expect(safeSeconds).toBeLessThan(3600);
      expect(rollbackSeconds).toBeLessThan(3600);
    }
    expect(said.without.map(({ metric }) => metric)).toEqual(['memory']);
  });

  it('has an answer for every margin, level and direction', () => {
    const number = (max: number) => fc.double({ min: 0, max, noNaN: true });
    const asked = fc.record({
      relative: number(3),
      absolute: number(0.99),
      level: number(1),
      harm: fc.constantFrom('increase', 'decrease', 'either'),
      share: fc.double({ min: 0.001, max: 1, noNaN: true }),
      rps: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(asked, ({ relative, absolute, level, harm, share, rps }) => {
        const margin = `margin: { relative: ${relative.toFixed(4)}, absolute: ${absolute.toFixed(4)} }\n      harm: ${harm}`;
        const { template } = parseTemplate(written(errors(margin)));
        const said = template && forecastTemplate(template, traffic({ share, requestsPerSecond: rps, levels: { 'error-rate': level } }));
        for (const { safeSeconds, rollbackSeconds } of said?.phases[0]?.questions ?? []) {
          for (const seconds of [safeSeconds, rollbackSeconds])
            expect(seconds === null || (seconds >= 15 && seconds < Infinity)).toBe(true);
        }
      }),
      { numRuns: 150, seed: -2045721529 },
    );
  });

  it('says where there is none: a judge for one look, earlier days, slices whose traffic nobody knows', () => {
    const because = (text: string, more: Partial<AssumedTraffic> = {}): string[] => {
      const { template, issues } = parseTemplate(text);
      if (template === null) throw new Error(issues.map(({ message }) => message).join());
      return forecastTemplate(template, traffic(more)).without.map(({ metric, because: reason }) => `${metric}: ${reason}`);
    };
    const withSpec = (line: string): string => written(usual).replace('spec:', `spec:\n  ${line}`);
    const sliced = usual.replace('      margin', '      slices: { by: http.route, values: [/pay] }\n      margin');
    const { forecast: said } = lintWithForecast(withSpec('judge: fixed-horizon'), traffic({}));
    expect(said?.phases).toEqual([]);
    expect(because(withSpec('judge: fixed-horizon'))).toEqual(['error-rate: its judge (fixed-horizon) decides once, at the deadline']);
    expect(because(withSpec('cohorts: { baseline: { before: 1d, references: 4 } }'))).toEqual([
      'error-rate: against earlier days it depends on how unlike they are',
    ]);
    expect(because(written(sliced))).toHaveLength(1);
    expect(because(written(sliced), { requestsByMetric: { 'error-rate[/pay]': 3 } })).toEqual([]);
  });

  it('is bounded work for any template', () => {
    const many = Array.from({ length: 50 }, (_, i) => usual.replace('error-rate', `errors-${i}`)).join('');
    const phases = `  phases:\n${Array.from({ length: 50 }, (_, i) => `    - weight: ${(i + 1) / 60}\n`).join('')}`;
    const { template } = parseTemplate(written(many, phases));
    const said = template && forecastTemplate(template, traffic({}));
    expect(said?.phases.flatMap(({ questions }) => questions).length).toBeLessThanOrEqual(120);
    expect(said?.without.at(-1)?.because).toBe('there are too many questions before it');
  });
});

describe('what the linter finds in a forecast', () => {
  const linted = (text: string, more: Partial<AssumedTraffic>) => lintWithForecast(text, traffic(more));

  it('is a verdict after the deadline, at its margin, with ways out that work', () => {
    const { issues, forecast: said } = linted(written(errors('margin: { relative: 0.25, absolute: 0.001 }')), { requestsPerSecond: 20 });
    expect(issues.map(({ code, severity, path, line }) => ({ code, severity, path, line }))).toEqual([
      { code: 'safe-after-deadline', severity: 'warning', path: 'spec.metrics[0].margin', line: 11 },
      { code: 'harm-after-deadline', severity: 'warning', path: 'spec.metrics[0].margin', line: 11 },
    ]);
    expect(issues[0]?.message).toBe(
      "to show that 'error-rate' is safe with 5 % of 20 requests/s takes about 2.8 h: longer than the deadline of 1h",
    );
    expect(issues[0]?.repair).toMatch(
      /^write deadline: 3h; or give the canary 20 % \(\d+ min\); or accept margin: \{ relative: 0\.5, absolute: 0\.002 \}/,
    );
    expect(said?.phases).toHaveLength(1);
    expect(linted(written(errors('margin: { relative: 0.5, absolute: 0.002 }')), { requestsPerSecond: 20, harm: 5 }).issues).toEqual([]);
  });

  it('points at the margin of the phase that is too slow', () => {
    const { issues } = linted(written(usual, ladder), { requestsPerSecond: 2 });
    expect(issues.map(({ code, path }) => [code, path])).toContainEqual(['safe-after-deadline', 'spec.phases[0].margins.error-rate']);
  });

  it('judges one share by the margin of its phase, in the times and in the ways out', () => {
    const asked = { requestsPerSecond: 2.5, share: 0.05 };
    const { issues, forecast: alone } = linted(written(usual, ladder), asked);
    const { forecast: inPhases } = linted(written(usual, ladder), { ...asked, share: null });
    expect(alone?.phases[0]?.promoteSeconds).toBe(inPhases?.phases[0]?.promoteSeconds);
    expect(issues[0]?.path).toBe('spec.phases[0].margins.error-rate');
    expect(issues[0]?.repair).toMatch(/accept margin: \{ relative: 3, absolute: 0\.0075 \}/);
  });

  it('is that a canary with all the traffic has no baseline left', () => {
    const { issues } = linted(written(usual), { share: 1 });
    expect(issues[0]).toMatchObject({ code: 'never-safe', message: expect.stringContaining('no baseline is left') });
  });

  it('is that a level beyond the limit is never safe', () => {
    const { issues } = linted(written(errors('limit: 0.01')), { levels: { 'error-rate': 0.02 } });
    expect(issues.map(({ code }) => code)).toEqual(['never-safe']);
  });

  it('is nothing without traffic, and no forecast without a template', () => {
    expect(lintWithForecast(written(usual), null)).toMatchObject({ issues: [], forecast: null });
    expect(lintWithForecast('nonsense', traffic({}))).toMatchObject({ template: null, forecast: null });
  });
});

describe('a forecast in words', () => {
  it('names what was assumed, each question, and what has no forecast', () => {
    const { forecast: said } = lintWithForecast(written(usual), traffic({ share: 0.5 }));
    expect(said && forecastInWords(said)).toEqual([
      'forecast for 100 requests/s, other shares of events 0.5 %, independent events, harm × 2; deadline 1h',
      expect.stringMatching(/^ {3}50 % {2}error-rate {2}safe after 30 min, × 2 rolled back after [34](\.\d)? min$/),
      '   50 %  all that decide are safe after 30 min',
    ]);
  });
});
