import { describe, expect, it } from '@jest/globals';
import { guardsOf } from '../../src/analysis/weigh-guards.js';
import { restartSchedule } from '../../src/statistics/index.js';
import { templateFrom } from '../support/judge-windows.js';
import { seededRandom } from '../support/random.js';
import { healthySessions, type SessionWorld, simulateSessions } from '../support/simulate-sessions.js';

const template = templateFrom('analysis-templates/http-service.yaml', { service: 'shop' });
const warmup = template.schedule.warmupSeconds / template.schedule.windowSeconds;

/** Runs in which each guard alarms at one look at least; a look after every window. */
function alarmsIn(world: SessionWorld, runs: number): Record<'sample-ratio' | 'traffic-mix', number> {
  const alarmed = { 'sample-ratio': 0, 'traffic-mix': 0 };
  const starts = restartSchedule(world.windows - warmup);
  for (let run = 0; run < runs; run += 1) {
    const guards = guardsOf(template, starts);
    const seen = new Set<'sample-ratio' | 'traffic-mix'>();
    for (const window of simulateSessions(world, seededRandom(1_000_003 + run)).slice(warmup)) {
      for (const guard of guards) {
        guard.add(window);
        const found = guard.finding();
        if (found?.alarm) seen.add(found.guard);
      }
    }
    for (const guard of seen) alarmed[guard] += 1;
  }
  return alarmed;
}

/** At the nominal rate of 1 in 1000, two alarms in so few runs hardly ever happen; docs/statistics.md has thousands. */
const runs = 20;

describe('guards on users who stay where they began', () => {
  it.each([
    ['a share that grows and a mix that follows the day', {}],
    ['bursts of ten', { burst: 10 }],
    ['few users, loyal to their route', { requestsPerSecond: 10, loyalty: 0.9 }],
  ])(
    'hardly ever alarm: %s',
    (_, change) => {
      const alarms = alarmsIn({ ...healthySessions, ...change }, runs);
      expect(alarms['traffic-mix']).toBeLessThanOrEqual(1);
      expect(alarms['sample-ratio']).toBeLessThanOrEqual(1);
    },
    60_000,
  );

  it('find a canary that gets half of its share, and one that serves other routes', () => {
    expect(alarmsIn({ ...healthySessions, routed: 0.5 }, 4)['sample-ratio']).toBe(4);
    expect(alarmsIn({ ...healthySessions, misled: 0.6 }, 4)['traffic-mix']).toBe(4);
  }, 60_000);
});
