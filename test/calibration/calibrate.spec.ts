import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../support/random.js';
import { templateOf } from './calibration-template.js';
import { judgeByAssay, rules } from './judges.js';
import { outcomeOf, resultOf, wilson } from './outcome.js';
import { tableOf } from './report.js';
import { runCell } from './run-cell.js';
import { type Cell, type Scenario, scenarios } from './scenarios.js';
import { drawWorld, type ErrorWorld } from './world.js';

const scenario = (name: string): Scenario => scenarios.find((each) => each.name === name) as Scenario;
const cellOf = (of: Scenario, name: string): Cell => of.cells.find((each) => each.name === name) as Cell;
const independent = scenario('independent');

describe('the worlds', () => {
  it('have names that tell every row apart, and templates that the product accepts', () => {
    const names = scenarios.flatMap(({ name, cells }) => cells.map((cell) => `${name}/${cell.name}`));
    expect(new Set(names).size).toBe(names.length);
    for (const { cells } of scenarios) for (const { template } of cells) expect(templateOf(template).budget.falseRollback).toBe(0.01);
  });

  it('fail as often as they say, bursts or not, in both cohorts', () => {
    for (const burst of [1, 4]) {
      const world = { ...(cellOf(independent, 'errors × 2').world as ErrorWorld), burst, historyWindows: 0 };
      const { windows } = drawWorld(world, seededRandom(5));
      const shareOf = (cohort: 'baseline' | 'canary'): number => {
        const samples = windows.flatMap(({ measurements }) => measurements.map((measured) => measured[cohort]));
        const counts = samples.flatMap((sample) => (sample.kind === 'counts' ? [sample] : []));
        return counts.reduce((sum, { events }) => sum + events, 0) / counts.reduce((sum, { total }) => sum + total, 0);
      };
      expect(shareOf('baseline')).toBeGreaterThan(0.0045);
      expect(shareOf('baseline')).toBeLessThan(0.0063);
      expect(shareOf('canary') / shareOf('baseline')).toBeGreaterThan(1.2);
    }
  });
});

describe('the judges', () => {
  const task = { scenario: 'independent', cell: 'errors × 5', from: 0, to: 2, comparedRuns: 1, seed: '1' };

  it('say the same again for the same seed, and whichever way the runs are dealt out', () => {
    const cell = cellOf(independent, 'errors × 5');
    const both = runCell(independent, cell, task);
    const second = runCell(independent, cell, { ...task, from: 1 });
    expect(runCell(independent, cell, task)).toEqual(both);
    expect(second['assay']?.[0]).toEqual(both['assay']?.[1]);
    expect(both['kayenta']).toHaveLength(1);
  });

  it('find five times the errors, every one of them', () => {
    const { template, world } = cellOf(independent, 'errors × 5');
    const drawn = drawWorld(world, seededRandom(9));
    expect(judgeByAssay(templateOf(template), drawn).rollback).toBeLessThan(60);
    for (const rule of Object.values(rules)) expect(rule(drawn.windows, independent.settings)).not.toBeNull();
  });
});

describe('the outcome', () => {
  const cell = cellOf(independent, 'A/A');
  const courses = (rollbacks: number, runs: number) =>
    Array.from({ length: runs }, (_, run) => ({ rollback: run < rollbacks ? 40 : null, promote: null }));

  it('gives Wilson intervals that are honest at nothing and at everything', () => {
    expect(wilson(0, 100).high).toBeCloseTo(0.037, 3);
    expect(wilson(100, 100).low).toBeCloseTo(0.963, 3);
    expect(wilson(5, 100)).toMatchObject({ share: 0.05 });
  });

  it('calls a promise broken only beyond the uncertainty of the rate', () => {
    const brokenBy = (rollbacks: number, runs: number): number =>
      resultOf(independent, cell, [outcomeOf('assay', courses(rollbacks, runs), cell)]).broken.length;
    expect(brokenBy(2, 80)).toBe(0);
    expect(brokenBy(40, 2000)).toBe(1);
  });

  it('counts the minutes of a late harm from its beginning, and rollbacks before it apart', () => {
    const late = scenario('late-onset').cells[0] as Cell;
    const outcome = outcomeOf('assay', [{ rollback: 168, promote: null }, ...courses(1, 1)], late);
    expect(outcome).toMatchObject({ minutesToRollback: 2, early: 1, rollback: { share: 0.5 } });
  });

  it('is a table with the broken promises below it', () => {
    const result = resultOf(independent, cell, [outcomeOf('assay', courses(40, 400), cell)]);
    expect(tableOf(independent, [result])).toContain('✗ A/A: rolled back 10 %, promised at most 1.0 %');
  });
});
