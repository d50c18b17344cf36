import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../support/random.js';
import { templateOf } from './calibration-template.js';
import { judgeByAssay, rules } from './judges.js';
import { outcomeOf } from './outcome.js';
import { resultOf } from './promises.js';
import { medianOf, wilson } from './rate.js';
import { standingInWords, tableOf } from './report.js';
import { fullClassification, rollbackByKayenta } from './rules/kayenta-each-minute.js';
import { runCell } from './run-cell.js';
import { type Cell, type Scenario, scenarios } from './scenarios/index.js';
import { drawWorld } from './worlds/draw-world.js';
import type { ErrorWorld } from './worlds/world.js';

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

describe("Kayenta's judge, asked only where the ranks do not answer for it", () => {
  it.each([1, 1.5, 2, 3])('rolls back in the same minute as when it is always asked: errors × %s', (ratio) => {
    const { world } = cellOf(scenario('realistic'), 'A/A');
    for (let seed = 0; seed < 3; seed += 1) {
      const errors = world as ErrorWorld;
      const { windows } = drawWorld({ ...errors, canary: (window) => ratio * errors.baseline(window) }, seededRandom(seed));
      expect(rollbackByKayenta(windows, 0.5)).toBe(rollbackByKayenta(windows, 0.5, fullClassification));
    }
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

  it('has a median over all runs, also those that never got there', () => {
    expect(medianOf([3, 1, 2]).value).toBe(2);
    expect(medianOf([3, null, 2]).value).toBe(3);
    expect(medianOf([3, null, null])).toMatchObject({ value: null, low: 3 });
    expect(medianOf([]).value).toBeNull();
  });

  it('calls a promise broken only beyond the uncertainty of the rate, and shown only with enough runs', () => {
    const standing = (rollbacks: number, runs: number): string[] =>
      resultOf(independent, cell, [outcomeOf('assay', courses(rollbacks, runs), cell)]).findings.map((finding) => finding.standing);
    expect(standing(0, 80)).toEqual(['open']);
    expect(standing(2, 80)).toEqual(['open']);
    expect(standing(12, 2000)).toEqual(['shown']);
    expect(standing(18, 2000)).toEqual(['open']);
    expect(standing(40, 2000)).toEqual(['broken']);
  });

  it('holds a median against its limit, and against the rival where both find all', () => {
    const sick = cellOf(scenario('realistic'), 'errors × 3');
    const at = (judge: string, windows: number) =>
      outcomeOf(
        judge,
        Array.from({ length: 50 }, () => ({ rollback: windows, promote: null })),
        sick,
      );
    const standing = (assay: number, kayenta: number): string[] =>
      resultOf(scenario('realistic'), sick, [at('assay', assay), at('kayenta', kayenta)]).findings.map((finding) => finding.standing);
    expect(standing(70, 80)).toEqual(['shown', 'shown', 'shown']);
    expect(standing(84, 80)).toEqual(['shown', 'shown', 'broken']);
    expect(standing(100, 120)).toEqual(['broken', 'broken', 'shown']);
  });

  it('counts the minutes of a late harm from its beginning, and rollbacks before it apart', () => {
    const late = scenario('late-onset').cells[0] as Cell;
    const outcome = outcomeOf('assay', [{ rollback: 168, promote: null }, ...courses(1, 1)], late);
    expect(outcome).toMatchObject({ minutesToRollback: { value: 2 }, early: 1, rollback: { share: 0.5 } });
  });

  it('is a table with the broken promises below it', () => {
    const result = resultOf(independent, cell, [outcomeOf('assay', courses(40, 400), cell)]);
    const world = { name: 'independent', seed: '1', runs: 400, full: false, commit: 'abc', results: [result] };
    expect(tableOf(independent, world)).toContain('| A/A ✗  | 400  | 10 % (7.4–13.3)');
    expect(standingInWords([world])).toContain('- independent, A/A: rolled back 10 % (7.4 % to 13 %), promised at most 1.0 %');
  });
});
