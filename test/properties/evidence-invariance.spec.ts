import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge } from '../../src/analysis/judge.js';
import type { Evidence, Metric, Sample } from '../../src/domain/index.js';
import type { Histogram } from '../../src/statistics/index.js';
import { encodeJson } from '../../src/storage/json-codec.js';
import { anyRun, everyMetric } from './any-run.js';
import { anyPairs, evidenceOn, metricNamed, type Pair } from './one-metric.js';

const seeded = { seed: 20_261_124, numRuns: 25 };
const named = everyMetric.map((metric): [string, Metric] => [metric.name, metric]);
const rounding = 1e-9;

/** More of what a metric counts, or more of its level. */
function raised(sample: Sample, by: number): Sample {
  switch (sample.kind) {
    case 'counts':
      return { ...sample, events: Math.min(sample.total, sample.events + by) };
    case 'distribution':
      return { ...sample, histogram: { ...sample.histogram, counts: upwards(sample.histogram.counts, by) } };
    case 'rate':
      return { ...sample, events: sample.events + by };
    case 'moments':
      return { ...sample, mean: sample.mean + by };
    case 'level':
      return { ...sample, value: sample.value + by };
  }
}

/** Some observations move one bucket up. */
function upwards(counts: readonly number[], by: number): number[] {
  const moved = [...counts];
  const from = by % (counts.length - 1);
  const many = Math.min(by, counts[from] as number);
  moved[from] = (counts[from] as number) - many;
  moved[from + 1] = (counts[from + 1] as number) + many;
  return moved;
}

const withLastCanary = (pairs: readonly Pair[], change: (sample: Sample) => Sample): Pair[] =>
  pairs.map((pair, index) => (index === pairs.length - 1 ? { ...pair, canary: change(pair.canary) } : pair));

describe('evidence', () => {
  it.each(named)('of %s: more harm in the newest window never lowers harm nor raises safety', (_, metric) => {
    fc.assert(
      fc.property(anyPairs(metric.kind), fc.integer({ min: 1, max: 40 }), (pairs, by) => {
        const before = evidenceOn(metric, pairs);
        const after = evidenceOn(
          metric,
          withLastCanary(pairs, (sample) => raised(sample, by)),
        );
        after.forEach(({ direction, logHarm, logSafe }, index) => {
          const [low, high] = [before[index] as Evidence, { logHarm, logSafe }];
          const [less, more] = direction === 'increase' ? [low, high] : [high, low];
          expect(more.logHarm - less.logHarm).toBeGreaterThanOrEqual(-rounding);
          expect(less.logSafe - more.logSafe).toBeGreaterThanOrEqual(-rounding);
        });
      }),
      seeded,
    );
  });

  it.each(named.filter(([, { harm }]) => harm === 'either'))(
    'of %s, which may not move either way, is that of both sides asked alone',
    (_, metric) => {
      fc.assert(
        fc.property(anyPairs(metric.kind), (pairs) => {
          const alone = (['increase', 'decrease'] as const).flatMap((harm) => evidenceOn({ ...metric, harm }, pairs));
          const both = evidenceOn(metric, pairs);
          const said = ({ logHarm, logSafe, effect, phi, margin }: Evidence): unknown => ({ logHarm, logSafe, effect, phi, margin });
          expect(both.map(said)).toEqual(alone.map(said));
        }),
        seeded,
      );
    },
  );

  it('of a share that may not fall is that of the rest, which may not grow', () => {
    const conversion: Metric = { ...metricNamed('conversion'), margin: { relative: 0, absolute: 0.03 } };
    const rest = (sample: Sample): Sample => (sample.kind === 'counts' ? { ...sample, events: sample.total - sample.events } : sample);
    fc.assert(
      fc.property(anyPairs('proportion'), (pairs) => {
        const [falls] = evidenceOn(conversion, pairs);
        const turned = pairs.map(({ baseline, canary }) => ({ baseline: rest(baseline), canary: rest(canary) }));
        const [grows] = evidenceOn({ ...conversion, harm: 'increase' }, turned);
        expect([falls?.logHarm, falls?.logSafe, falls?.phi, falls?.effect.low, falls?.effect.high]).toEqual([
          grows?.logHarm,
          grows?.logSafe,
          grows?.phi,
          grows?.effect.low,
          grows?.effect.high,
        ]);
      }),
      seeded,
    );
  });

  it.each([metricNamed('basket'), metricNamed('heap')])(
    'of a level that may not fall is that of its negative, which may not grow ($kind)',
    (metric) => {
      const absolute: Metric = { ...metric, margin: { relative: 0, absolute: 3 } };
      const negative = (sample: Sample): Sample => {
        if (sample.kind === 'moments') return { ...sample, mean: -sample.mean };
        return sample.kind === 'level' ? { ...sample, value: -sample.value } : sample;
      };
      fc.assert(
        fc.property(anyPairs(metric.kind), (pairs) => {
          const turned = pairs.map(({ baseline, canary }) => ({ baseline: negative(baseline), canary: negative(canary) }));
          const [falls] = evidenceOn({ ...absolute, harm: 'decrease' }, pairs);
          const [grows] = evidenceOn({ ...absolute, harm: 'increase' }, turned);
          expect(falls?.logHarm).toBeCloseTo(grows?.logHarm ?? Number.NaN, 9);
          expect(falls?.logSafe).toBeCloseTo(grows?.logSafe ?? Number.NaN, 9);
        }),
        seeded,
      );
    },
  );
});

/** The same numbers in a unit that is so many times smaller. */
function inSmallerUnit(sample: Sample, times: number): Sample {
  switch (sample.kind) {
    case 'counts':
      return sample;
    case 'distribution':
      return { ...sample, histogram: inSmallerBuckets(sample.histogram, times) };
    case 'rate':
      return { ...sample, exposure: sample.exposure / times };
    case 'moments':
      return { ...sample, mean: times * sample.mean, variance: times ** 2 * sample.variance };
    case 'level':
      return { ...sample, value: times * sample.value };
  }
}

function inSmallerBuckets(histogram: Histogram, times: number): Histogram {
  if (histogram.kind === 'explicit') return { ...histogram, bounds: histogram.bounds.map((bound) => times * bound) };
  return { ...histogram, offset: histogram.offset + Math.log2(times) * 2 ** histogram.scale };
}

const inUnit = (metric: Metric, times: number): Metric => ({
  ...metric,
  limit: metric.limit === null ? null : times * metric.limit,
  margin: metric.margin && { ...metric.margin, absolute: times * metric.margin.absolute },
});

describe('evidence does not depend on the unit', () => {
  const withUnits = named.filter(([, { kind }]) => kind !== 'proportion');
  const both = (metric: Metric, pairs: readonly Pair[], times: number): [readonly Evidence[], readonly Evidence[]] => {
    const other = pairs.map(({ baseline, canary }) => ({
      baseline: inSmallerUnit(baseline, times),
      canary: inSmallerUnit(canary, times),
    }));
    return [evidenceOn(metric, pairs), evidenceOn(inUnit(metric, times), other)];
  };

  it.each(withUnits)('of %s: 1024 of the smaller unit', (_, metric) => {
    fc.assert(
      fc.property(anyPairs(metric.kind), (pairs) => {
        const [large, small] = both(metric, pairs, 1024);
        large.forEach((one, index) => {
          const other = small[index] as Evidence;
          expect(other.logHarm).toBeCloseTo(one.logHarm, 9);
          expect(other.logSafe).toBeCloseTo(one.logSafe, 9);
          expect([other.phi, other.windows, other.assessment]).toEqual([one.phi, one.windows, one.assessment]);
          if (one.effectKind === 'ratio') expect(other.effect.estimate ?? 0).toBeCloseTo(one.effect.estimate ?? 0, 9);
        });
      }),
      seeded,
    );
  });

  it('of latency: seconds or milliseconds, where the bounds are whole in both', () => {
    const bounds = [0.125, 0.25, 0.375, 0.5, 0.75, 1, 2, 4];
    const explicit = ({ baseline, canary }: Pair): Pair => ({ baseline: classic(baseline), canary: classic(canary) });
    const classic = (sample: Sample): Sample =>
      sample.kind === 'distribution' ? { ...sample, histogram: { kind: 'explicit', bounds, counts: sample.histogram.counts } } : sample;
    const exact: Metric = { ...metricNamed('latency'), margin: { relative: 0.25, absolute: 0.0625 } };
    fc.assert(
      fc.property(anyPairs('percentiles'), (pairs) => {
        const [seconds, milliseconds] = both(exact, pairs.map(explicit), 1000);
        const said = ({ logHarm, logSafe, phi }: Evidence): number[] => [logHarm, logSafe, phi];
        expect(milliseconds.map(said)).toEqual(seconds.map(said));
        seconds.forEach(({ canary }, index) => {
          const value = milliseconds[index]?.canary.value ?? null;
          if (canary.value === null) expect(value).toBeNull();
          else expect((value ?? Number.NaN) / 1000).toBeCloseTo(canary.value, 9);
        });
      }),
      seeded,
    );
  });

  it.each([metricNamed('items'), metricNamed('queue')])('nor on where a level begins, where its margin does not ($kind)', (metric) => {
    const absolute: Metric = { ...metric, margin: { relative: 0, absolute: 2 } };
    fc.assert(
      fc.property(anyPairs(metric.kind), fc.integer({ min: -64, max: 64 }), (pairs, by) => {
        const moved = pairs.map(({ baseline, canary }) => ({ baseline: raised(baseline, by), canary: raised(canary, by) }));
        const [here, there] = [evidenceOn(absolute, pairs), evidenceOn(absolute, moved)];
        here.forEach(({ logHarm, logSafe }, index) => {
          expect(there[index]?.logHarm).toBeCloseTo(logHarm, 6);
          expect(there[index]?.logSafe).toBeCloseTo(logSafe, 6);
        });
      }),
      seeded,
    );
  });
});

describe('a verdict does not depend on order', () => {
  it('of the readings within a window: the same bytes', () => {
    fc.assert(
      fc.property(anyRun(25), ({ run, history, windows }) => {
        const reversed = windows.map((window) => ({ ...window, measurements: window.measurements.toReversed() }));
        expect(encodeJson(judge(run, reversed, { history }))).toBe(encodeJson(judge(run, windows, { history })));
      }),
      seeded,
    );
  });

  it('of the metrics in the template: the same evidence and the same decision', () => {
    fc.assert(
      fc.property(anyRun(25), ({ run, history, windows }) => {
        const reversed = { ...run, template: { ...run.template, metrics: run.template.metrics.toReversed() } };
        const [here, there] = [judge(run, windows, { history }), judge(reversed, windows, { history })];
        expect([there.decision, there.code, there.final, there.score]).toEqual([here.decision, here.code, here.final, here.score]);
        const byName = (evidence: readonly Evidence[]): string[] => evidence.map((one) => encodeJson(one)).sort();
        expect(byName(there.evidence)).toEqual(byName(here.evidence));
      }),
      seeded,
    );
  });
});
