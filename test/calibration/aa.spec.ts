import { describe, expect, it } from '@jest/globals';
import { runTool } from '../support/run-tool.js';

interface Outcome {
  readonly runs: number;
  readonly rollback: number;
  readonly hold: number;
  readonly promote: number;
}

/** Two processes share the runs, as there are two cores. */
async function simulate(runs: number, ...args: string[]): Promise<Outcome> {
  const halves = await Promise.all(
    ['1', '2'].map((seed) => runTool('simulate-runs.mjs', ['--runs', String(runs / 2), '--seed', seed, ...args])),
  );
  const [first, second] = halves.map((line) => JSON.parse(line) as Outcome);
  const sum = (what: keyof Outcome): number => (first?.[what] ?? 0) + (second?.[what] ?? 0);
  return { runs: sum('runs'), rollback: sum('rollback'), hold: sum('hold'), promote: sum('promote') };
}

describe('http-service, every look taken', () => {
  it('rolls back at most 1 % of 500 healthy releases, with bursts of errors, unequal pods, a daily cycle and a growing share', async () => {
    const outcome = await simulate(500);

    expect(outcome.runs).toBe(500);
    expect(outcome.rollback / outcome.runs).toBeLessThanOrEqual(0.01);
    expect(outcome.promote / outcome.runs).toBeGreaterThan(0.9);
  }, 180_000);

  it('rolls back releases with four times the errors, and promotes hardly any', async () => {
    const outcome = await simulate(40, '--errors', '4');

    expect(outcome.rollback / outcome.runs).toBeGreaterThan(0.9);
    expect(outcome.promote / outcome.runs).toBeLessThanOrEqual(0.05);
  }, 60_000);

  it('rolls back releases that take half as long again, and promotes hardly any', async () => {
    const outcome = await simulate(40, '--slowness', '1.5');

    expect(outcome.rollback / outcome.runs).toBeGreaterThan(0.9);
    expect(outcome.promote / outcome.runs).toBeLessThanOrEqual(0.05);
  }, 60_000);
});
